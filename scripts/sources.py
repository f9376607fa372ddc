"""Which files make up the tree, and a digest of what is in them."""

import hashlib
import os
import subprocess

# What a test result depends on; documents may change without making it old.
CODE = (".c", ".h", ".cc", ".s", ".S", ".py", ".sh", ".build", ".txt", ".tsv", ".in", ".map",
        ".conf", ".supp")


def names(endings=CODE):
    """All files with these endings, tracked or new, sorted."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others",
         "--exclude-standard"], capture_output=True, check=True).stdout.decode()
    return sorted(name for name in set(listed.split("\0"))
                  if name.endswith(endings) and os.path.isfile(name))


def digest():
    whole = hashlib.sha256()
    for name in names():
        with open(name, "rb") as file:
            whole.update(name.encode() + b"\0" + hashlib.sha256(file.read()).digest())
    return whole.hexdigest()


if __name__ == "__main__":
    print(digest())
