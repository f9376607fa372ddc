#!/usr/bin/env python3
"""Write the checks of the public headers: C and C++ sources that do not compile, or answer 1, when
a size, an offset, a vtable slot or a value is not what the tables say.

usage: make_checks.py TABLES STRUCTS HEADER_DIR OUTPUT_DIR

OUTPUT_DIR gets layout.c (C and C++: sizes, offsets, values), slots.c (C vtables), slots.cpp (virtual
methods) and strings.c (string constants and GUIDs; C and C++, links with nothing).
"""

import os
import sys


def read_table(path):
    with open(path, encoding='utf-8') as file:
        lines = [line.rstrip('\n').split('\t') for line in file if not line.startswith('#')]
    return [dict(zip(lines[0], row + [''] * (len(lines[0]) - len(row)))) for row in lines[1:]]


def preamble(headers):
    lines = ['#include <%s>' % header for header in headers]
    return lines + ['#ifdef __cplusplus', '#define CHECK(what) static_assert(what, #what)', '#else',
                    '#define CHECK(what) _Static_assert(what, #what)', '#endif',
                    '#define BY_TARGET(on64, on32) (sizeof(void *) == 8 ? on64 : on32)', '']


def layout_checks(structs):
    out = []
    for row in structs:
        name = '__UPV' if row['struct'] == '_PV' else row['struct']
        size = 'BY_TARGET(%s, %s)' % (row['size64'], row['size32'] or row['size64'])
        if not row['field']:
            out.append('CHECK(sizeof(%s) == %s);' % (name, size))
            continue
        offset = 'BY_TARGET(%s, %s)' % (row['offset64'], row['offset32'] or row['offset64'])
        out.append('CHECK(offsetof(%s, %s) == %s);' % (name, row['field'], offset))
        out.append('CHECK(sizeof(((%s *)0)->%s) == %s);' % (name, row['field'], size))
    return out


def tag_types(tables):
    types = {}
    for row in read_table(os.path.join(tables, 'proptypes.tsv')):
        value = row['value'].split(' / ')
        for name in [row['name']] + row['aliases'].split():
            types[name] = (int(value[0], 16), int(value[-1], 16))
    return types


def tag_values(tables):
    """name -> (value without UNICODE, value with UNICODE)"""
    types = tag_types(tables)
    values = {}
    for row in read_table(os.path.join(tables, 'proptags.tsv')):
        if not row['type']:
            continue
        groups = [row['macros'].split() or [row['name']]]
        groups += [alias.partition('@')[0].split(',') for alias in row['aliases'].split()]
        for names in groups:
            for name in names:
                kinds = types.get(row['type']) or 2 * (int(row['type'], 16),)
                if len(names) > 1 or row['macros']:
                    multi = kinds[0] & 0x1000
                    if name.endswith('_A'):
                        kinds = 2 * (multi | 0x1E,)
                    elif name.endswith('_W'):
                        kinds = 2 * (multi | 0x1F,)
                    elif name != row['name']:
                        kinds = (multi | 0x1E, multi | 0x1F)
                values[name] = tuple((int(row['id'], 16) << 16) | kind for kind in kinds)
    return values


def value_checks(tables):
    out = []
    plain = [(name, '0x%08X' % a, '0x%08X' % b) for name, (a, b) in tag_values(tables).items()]
    plain += [(name, hex(a), hex(b)) for name, (a, b) in tag_types(tables).items()]
    for table in ('flags', 'errors'):
        for row in read_table(os.path.join(tables, table + '.tsv')):
            if not row['value'].startswith('"'):
                plain.append((row['name'], row['value'], row['value']))
    for name, narrow, wide in plain:
        if narrow == wide:
            out.append('CHECK((ULONG)(%s) == %s);' % (name, narrow))
        else:
            out += ['#ifdef UNICODE', 'CHECK(%s == %s);' % (name, wide), '#else',
                    'CHECK(%s == %s);' % (name, narrow), '#endif']
    return out


def slots(tables):
    found = {}
    for row in read_table(os.path.join(tables, 'interfaces.tsv')):
        found.setdefault(row['interface'], []).append(row)
    return found


def slot_checks(tables):
    out = []
    for name, rows in slots(tables).items():
        out.append('CHECK(sizeof(%sVtbl) == %d * sizeof(void *));' % (name, len(rows)))
        out += ['CHECK(offsetof(%sVtbl, %s) == %s * sizeof(void *));' %
                (name, row['method'], row['ordinal']) for row in rows]
        out.append('CHECK(sizeof(%s) == sizeof(void *));' % name)
    return out


def virtual_checks(tables):
    """In the Itanium C++ ABI a pointer to a virtual method is 1 + its offset in the vtable."""
    out = ['#include <stdio.h>', 'template <typename Method> static long slot_of(Method method)', '{',
           '    long words[2];',
           '    static_assert(sizeof(method) == sizeof(words), "a pointer and an adjustment");',
           '    memcpy(words, &method, sizeof(words));',
           '    return (words[0] - 1) / (long)sizeof(void *);', '}',
           'static int check(const char *what, long is, long should)', '{',
           '    if (is == should)', '        return 0;',
           '    printf("%s is slot %ld, not %ld\\n", what, is, should);', '    return 1;', '}',
           'int main()', '{', '    int failed = 0;']
    for name, rows in slots(tables).items():
        for row in rows:
            out.append('    failed |= check("%s::%s", slot_of(&%s::%s), %s);' %
                       (name, row['method'], name, row['method'], row['ordinal']))
    return out + ['    return failed;', '}']


def string_checks(tables):
    out = ['#include <stdio.h>', 'int main(void)', '{', '    int failed = 0;']
    for row in read_table(os.path.join(tables, 'flags.tsv')):
        if row['value'].startswith('"'):
            value = ('u' if row['kind'] == 'wide' else '') + row['value']
            out.append('    failed |= memcmp(%s, %s, sizeof(%s)) != 0;' % (row['name'], value, value))
    out.append('    if (failed)\n        puts("a string constant differs");')
    for row in read_table(os.path.join(tables, 'guids.tsv')):
        size = len(row['bytes']) // 2
        text = ''.join('\\x%02x' % byte for byte in bytes.fromhex(row['bytes']))
        if row['form'] == 'initializer':
            out += ['    {', '        const MAPIUID uid = {%s};' % row['name'],
                    '        failed |= memcmp(&uid, "%s", %d) != 0;' % (text, size), '    }']
        else:
            what = row['name'] if row['form'] in ('bytes', 'oid') else '&' + row['name']
            out += ['    if (memcmp(%s, "%s", %d) != 0) {' % (what, text, size),
                    '        puts("%s differs");' % row['name'], '        failed = 1;', '    }']
    return out + ['    return failed;', '}']


def write(directory, name, lines):
    with open(os.path.join(directory, name), 'w', encoding='utf-8') as file:
        file.write('\n'.join(lines) + '\n')


def main(args):
    if len(args) != 4:
        sys.exit(__doc__)
    tables, structs, headers, output = args
    names = sorted(name for name in os.listdir(headers) if name.endswith('.h'))
    names = ['mapi/' + name for name in names]
    os.makedirs(output, exist_ok=True)
    write(output, 'layout.c',
          preamble(names) + layout_checks(read_table(structs)) + value_checks(tables))
    write(output, 'slots.c', preamble(names) + slot_checks(tables))
    write(output, 'slots.cpp', preamble(names) + virtual_checks(tables))
    write(output, 'strings.c', ['#define INITGUID'] + preamble(names) + string_checks(tables))


if __name__ == '__main__':
    main(sys.argv[1:])
