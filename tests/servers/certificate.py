"""A certificate authority of a day and a server certificate for localhost, made by openssl."""

import os
import subprocess

import places

KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"


def _openssl(*words):
    done = subprocess.run(["openssl", *words], capture_output=True, text=True)
    if done.returncode != 0:
        raise places.ServerError("openssl " + words[0] + ": " + done.stderr.strip())


def make(base):
    """Fills base/tls: ca.pem to trust, server.pem and server.key to serve with, and two that a
    client must refuse: expired.pem (same key) and stranger.pem, an authority nobody used."""
    folder = os.path.join(base, "tls")
    os.makedirs(folder)

    def at(name):
        return os.path.join(folder, name)

    for name, subject in (("ca", "/CN=Mapigate test CA"), ("stranger", "/CN=Some other CA")):
        _openssl("req", "-x509", *KEY, "-keyout", at(name + ".key"), "-out", at(name + ".pem"),
                 "-days", "30", "-subj", subject,
                 "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    _openssl("req", *KEY, "-keyout", at("server.key"), "-out", at("server.csr"),
             "-subj", "/CN=localhost")
    places.write(at("server.ext"),
                 NAMES + "\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n")
    for name, days in (("server", "30"), ("expired", "-1")):
        _openssl("x509", "-req", "-in", at("server.csr"), "-CA", at("ca.pem"),
                 "-CAkey", at("ca.key"), "-CAcreateserial", "-days", days,
                 "-extfile", at("server.ext"), "-out", at(name + ".pem"))
    places.give(folder)
    return folder
