#!/usr/bin/env python3
"""The symbols that the library exports.

usage: exports.py map EXPORTS GUIDS OUTPUT     write the linker's version script
       exports.py missing EXPORTS LIBRARY      print the exports that the library does not have yet
       exports.py check EXPORTS GUIDS LIBRARY  fail when it exports anything else, or lacks a name
"""

import subprocess
import sys


def read_exports(path):
    """Names that are there, that are to come, and that have no public signature."""
    with open(path, encoding='utf-8') as file:
        lines = [line.split() for line in file if line.strip() and not line.startswith('#')]
    return ([words[0] for words in lines if len(words) == 1],
            [words[1] for words in lines if words[0] == '~'],
            [words[1] for words in lines if words[0] == '?'])


def read_guids(path):
    """Names that are objects, not macros: see include/mapi/tables/guids.tsv."""
    with open(path, encoding='utf-8') as file:
        rows = [line.rstrip('\n').split('\t') for line in file if not line.startswith('#')]
    form = rows[0].index('form')
    return [row[0] for row in rows[1:] if row[form] in ('guid', 'com', 'oid')]


def exported(library):
    """Dynamic symbols that the library defines, without the version node's own."""
    text = subprocess.run(['nm', '-D', '--defined-only', library], check=True,
                          capture_output=True, text=True).stdout
    symbols = [line.split() for line in text.splitlines()]
    return {words[-1].partition('@')[0] for words in symbols if words[-2] != 'A'}


def write_map(exports, guids, output):
    there, to_come, _ = read_exports(exports)
    names = there + to_come + read_guids(guids)
    with open(output, 'w', encoding='utf-8') as file:
        file.write('MAPIGATE_0 {\nglobal:\n')
        file.writelines('    %s;\n' % name for name in names)
        file.write('local:\n    *;\n};\n')


def missing(exports, library):
    there, to_come, unknown = read_exports(exports)
    have = exported(library)
    for name in there + to_come:
        if name not in have:
            print(name)
    for name in unknown:
        print(name, '(no public signature)')


def check(exports, guids, library):
    there, to_come, _ = read_exports(exports)
    required = set(there) | set(read_guids(guids))
    have = exported(library)
    for name in sorted(have - required - set(to_come)):
        print('exported, but not in the list:', name)
    for name in sorted(required - have):
        print('not exported:', name)
    for name in sorted(have & set(to_come)):
        print('exported, but still marked as to come:', name)
    return 1 if have != required else 0


def main(args):
    if len(args) == 4 and args[0] == 'map':
        write_map(*args[1:])
    elif len(args) == 3 and args[0] == 'missing':
        missing(*args[1:])
    elif len(args) == 4 and args[0] == 'check':
        sys.exit(check(*args[1:]))
    else:
        sys.exit(__doc__)


if __name__ == '__main__':
    main(sys.argv[1:])
