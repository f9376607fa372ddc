#!/usr/bin/env python3
"""A small mail program in Python that knows Simple MAPI from its documentation.

usage: letters.py LIBRARY resolve NAME
       letters.py LIBRARY send TO SUBJECT TEXT [FILE]...   without a session of its own
       letters.py LIBRARY fetch FOLDER                     prints, keeps the attachments, deletes

The structures are declared here; no header of the library is read. The exit code is that of the
call which failed.
"""

import ctypes
import os
import shutil
import sys
from ctypes import POINTER, byref, c_char_p, c_size_t, c_uint32, c_void_p

LOGON_UI, TO, NO_MESSAGES, GUARANTEE_FIFO, NOWHERE = 0x1, 1, 16, 0x100, 0xFFFFFFFF


class FileDesc(ctypes.Structure):
    _fields_ = [('reserved', c_uint32), ('flags', c_uint32), ('position', c_uint32),
                ('path', c_char_p), ('name', c_char_p), ('type', c_void_p)]


class RecipDesc(ctypes.Structure):
    _fields_ = [('reserved', c_uint32), ('class_', c_uint32), ('name', c_char_p),
                ('address', c_char_p), ('id_size', c_uint32), ('id', c_void_p)]


class Message(ctypes.Structure):
    _fields_ = [('reserved', c_uint32), ('subject', c_char_p), ('text', c_char_p),
                ('type', c_char_p), ('received', c_char_p), ('conversation', c_char_p),
                ('flags', c_uint32), ('originator', POINTER(RecipDesc)),
                ('recip_count', c_uint32), ('recips', POINTER(RecipDesc)),
                ('file_count', c_uint32), ('files', POINTER(FileDesc))]


def load(path):
    """The library with the functions that are used; ULONG is 32 bits, LHANDLE a pointer's size."""
    handle, window, flags = c_size_t, c_size_t, c_uint32
    library = ctypes.CDLL(path)
    for name, arguments in {
            'MAPILogon': [window, c_char_p, c_char_p, flags, c_uint32, POINTER(c_size_t)],
            'MAPILogoff': [handle, window, flags, c_uint32],
            'MAPISendMail': [handle, window, POINTER(Message), flags, c_uint32],
            'MAPIFindNext': [handle, window, c_char_p, c_char_p, flags, c_uint32, c_char_p],
            'MAPIReadMail': [handle, window, c_char_p, flags, c_uint32, POINTER(POINTER(Message))],
            'MAPIDeleteMail': [handle, window, c_char_p, flags, c_uint32],
            'MAPIResolveName': [handle, window, c_char_p, flags, c_uint32,
                                POINTER(POINTER(RecipDesc))],
            'MAPIFreeBuffer': [c_void_p]}.items():
        function = getattr(library, name)
        function.argtypes, function.restype = arguments, c_uint32
    return library


def must(result, call):
    if result:
        print(f'{call}: {result}', file=sys.stderr)
        sys.exit(result)


def resolve(mapi, name):
    found = POINTER(RecipDesc)()
    must(mapi.MAPIResolveName(0, 0, os.fsencode(name), 0, 0, byref(found)), 'MAPIResolveName')
    print(found[0].name.decode(), found[0].address.decode(), sep='\t')
    mapi.MAPIFreeBuffer(found)


def send(mapi, to, subject, words, *paths):
    recipient = RecipDesc(class_=TO, name=to.encode())
    files = (FileDesc * len(paths))(
        *[FileDesc(position=NOWHERE, path=os.fsencode(path)) for path in paths])
    message = Message(subject=subject.encode(), text=words.encode(), recip_count=1,
                      recips=ctypes.pointer(recipient), file_count=len(paths), files=files)
    must(mapi.MAPISendMail(0, 0, byref(message), 0, 0), 'MAPISendMail')


def walk(mapi, session):
    buffer = ctypes.create_string_buffer(64)  # no MAPI_LONG_MSGID
    while True:
        result = mapi.MAPIFindNext(session, 0, None, buffer, GUARANTEE_FIFO, 0, buffer)
        if result == NO_MESSAGES:
            return
        must(result, 'MAPIFindNext')
        yield buffer.value


def fetch(mapi, folder):
    session = c_size_t()
    must(mapi.MAPILogon(0, None, None, LOGON_UI, 0, byref(session)), 'MAPILogon')
    for name in list(walk(mapi, session)):
        found = POINTER(Message)()
        must(mapi.MAPIReadMail(session, 0, name, 0, 0, byref(found)), 'MAPIReadMail')
        message = found[0]
        print(message.subject.decode(), message.originator[0].address.decode(),
              (message.text or b'').decode(), sep='\t')
        for i in range(message.file_count):
            shutil.move(message.files[i].path.decode(),
                        os.path.join(folder, message.files[i].name.decode()))
        mapi.MAPIFreeBuffer(found)
        must(mapi.MAPIDeleteMail(session, 0, name, 0, 0), 'MAPIDeleteMail')
    must(mapi.MAPILogoff(session, 0, 0, 0), 'MAPILogoff')


def main():
    verbs = {'resolve': resolve, 'send': send, 'fetch': fetch}
    verbs[sys.argv[2]](load(sys.argv[1]), *sys.argv[3:])


main()
