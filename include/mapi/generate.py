#!/usr/bin/env python3
"""Make a public header from its template and the tables.

usage: generate.py TEMPLATE TABLES OUTPUT

A template is the header as a reader should see it; a line that starts with @ asks for what is
data. Each request takes the rows of the tables that name the header, and README.md lists them.
"""

import os
import sys

# Groups of constants some of which the Windows headers have too, in their own spelling.
WINDOWS_HAS = {
    'PR_PROFILE_AUTH_PACKAGE',
    'structured data: ACEFlag',
    'structured data: ACEType',
    'structured data: CalendarType',
    'structured data: SecurityInfo',
}

TAG_RANGES = [
    (0x0000, 'message envelope'),
    (0x0C00, 'recipients'),
    (0x0E00, 'not transmitted'),
    (0x1000, 'message content'),
    (0x3000, 'common to all objects'),
    (0x3400, 'message stores'),
    (0x3600, 'folders and address book containers'),
    (0x3700, 'attachments'),
    (0x3900, 'address book objects'),
    (0x3A00, 'mail users'),
    (0x3C00, 'distribution lists'),
    (0x3D00, 'profile sections'),
    (0x3E00, 'status objects'),
    (0x3F00, 'display tables'),
    (0x4000, 'message envelope, set by transports'),
    (0x5800, 'recipients, set by users'),
    (0x6000, 'users, not transmitted'),
    (0x6600, 'providers, internal'),
    (0x6800, 'message classes'),
    (0x7C00, 'message classes, not transmitted'),
    (0x8000, 'address book and named properties'),
]


def read_table(tables, name):
    """Rows of a table as dictionaries; lines with # are notes."""
    with open(os.path.join(tables, name + '.tsv'), encoding='utf-8') as file:
        lines = [line.rstrip('\n').split('\t') for line in file if not line.startswith('#')]
    columns = lines[0]
    return [dict(zip(columns, row + [''] * (len(columns) - len(row)))) for row in lines[1:]]


def comment(text):
    return '/* ' + text + ' */'


def define_lines(pairs):
    """#define lines with their values in one column; pairs of name and value."""
    width = max(len(name) for name, _ in pairs)
    return ['#define %s %s' % (name.ljust(width), value) for name, value in pairs]


def grouped(rows, key):
    """Rows as (group, rows), groups in order of first sight."""
    groups = {}
    for row in rows:
        groups.setdefault(row[key], []).append(row)
    return groups.items()


# Constants, status codes, property types and tags.


def constant_value(row):
    value = row['value']
    if row['kind'] == 'wide':
        return 'u' + value
    if row['kind'] == 'signed':
        return '(%d)' % (int(value, 16) - (1 << 32))
    return value


def constants(tables, header):
    rows = [row for row in read_table(tables, 'flags') if row['header'] == header]
    out = []
    for family, members in grouped(rows, 'family'):
        pairs = [(row['name'], constant_value(row)) for row in members]
        lines = define_lines(pairs)
        if family in WINDOWS_HAS:
            lines = [line for name, value in pairs for line in
                     ('#ifndef ' + name, '#define %s %s' % (name, value), '#endif')]
        out += ['', comment(family)] + lines
    return out[1:]


def errors(tables, header):
    rows = [row for row in read_table(tables, 'errors') if row['header'] == header]
    out = []
    for name, members in grouped(rows, 'group'):
        out += ['', comment(name)]
        simple = name == 'Simple MAPI'
        pairs = []
        for row in members:
            value = str(int(row['value'], 16)) if simple else '((HRESULT)%s)' % row['value']
            if row['meaning']:
                value += ' ' + comment(row['meaning'])
            pairs.append((row['name'], value))
        out += define_lines(pairs)
    return out[1:]


def proptypes(tables):
    pairs = []
    for row in read_table(tables, 'proptypes'):
        if '/' in row['value']:
            continue  # PT_TSTRING depends on UNICODE: written in the template
        note = ' ' + comment(row['note']) if row['note'] else ''
        pairs.append((row['name'], row['value'] + note))
        pairs += [(alias, row['name']) for alias in row['aliases'].split()]
    return define_lines(pairs)


def tag_names(row):
    """(name, type, header, canonical) for each name of a row of the tag table."""

    def typed(name, forms):
        if len(forms) == 1 and not row['macros']:
            return row['type']
        multi = 'PT_MV_' if '_MV_' in row['type'] else 'PT_'
        if name.endswith('_A'):
            return multi + 'STRING8'
        if name.endswith('_W'):
            return multi + 'UNICODE'
        return row['type'] if name == row['name'] else multi + 'TSTRING'

    forms = row['macros'].split() or [row['name']]
    for name in forms:
        yield name, typed(name, forms), row['header'], row['canonical']
    for alias in row['aliases'].split():
        names, _, rest = alias.partition('@')
        header, _, canonical = rest.partition('=')
        forms = names.split(',')
        for name in forms:
            yield name, typed(name, forms), header, canonical or row['canonical']


def tags(tables, header):
    """All tags of a header, by id, in the ranges that ids are given out in."""
    found = []
    for row in read_table(tables, 'proptags'):
        if not row['type']:
            continue
        for name, kind, where, canonical in tag_names(row):
            if where == header:
                found.append((int(row['id'], 16), name, kind, canonical))
    out = []
    for index, (start, title) in enumerate(TAG_RANGES):
        end = TAG_RANGES[index + 1][0] if index + 1 < len(TAG_RANGES) else 0x10000
        members = [tag for tag in found if start <= tag[0] < end]
        if not members:
            continue
        out += ['', comment('0x%04X: %s' % (start, title))]
        pairs = []
        for number, name, kind, canonical in members:
            value = 'PROP_TAG(%s, 0x%04X)' % (kind, number)
            if canonical and canonical != name and name[-2:] not in ('_A', '_W'):
                value += ' ' + comment(canonical)
            pairs.append((name, value))
        out += define_lines(pairs)
    return out[1:]


# GUIDs.


GUID_KINDS = {
    'IID': 'interfaces',
    'CLSID': 'classes',
    'property-set': 'property sets',
    'provider-uid': 'providers',
    'profile-section': 'profile sections',
    'OID': 'object identifiers',
}


def guid_fields(hexbytes):
    data = bytes.fromhex(hexbytes)
    fields = ['0x%08X' % int.from_bytes(data[0:4], 'little'),
              '0x%04X' % int.from_bytes(data[4:6], 'little'),
              '0x%04X' % int.from_bytes(data[6:8], 'little')]
    return fields + ['0x%02X' % byte for byte in data[8:]]


def byte_list(hexbytes):
    return ', '.join('0x%02X' % byte for byte in bytes.fromhex(hexbytes))


def guid_line(row):
    if row['form'] in ('guid', 'com'):
        fields = guid_fields(row['bytes'])
        if fields[3:] == ['0xC0'] + 6 * ['0x00'] + ['0x46']:
            return 'DEFINE_OLEGUID(%s, %s);' % (row['name'], ', '.join(fields[:3]))
        return 'DEFINE_GUID(%s, %s);' % (row['name'], ', '.join(guid_fields(row['bytes'])))
    if row['form'] == 'oid':
        return 'DEFINE_OID(%s, %s);' % (row['name'], byte_list(row['bytes']))
    if row['form'] == 'bytes':
        text = ''.join('\\x%02x' % byte for byte in bytes.fromhex(row['bytes']))
        return '#define %s "%s"' % (row['name'], text)
    return '#define %s \\\n    { %s }' % (row['name'], byte_list(row['bytes']))


def guids(tables, header, forms):
    rows = [row for row in read_table(tables, 'guids')
            if row['header'] == header and row['form'] in forms]
    out = []
    for kind, members in grouped(rows, 'kind'):
        out += ['', comment(GUID_KINDS.get(kind, kind))]
        out += [guid_line(row) for row in members]
    return out[1:]


# Interfaces.


class Interface:
    """An interface with its whole vtable."""

    def __init__(self, rows):
        first = rows[0]
        self.name = first['interface']
        self.base = first['base']
        self.header = first['header']
        self.pointer = first['pointer_typedef']
        self.slots = rows

    def own(self):
        return [slot for slot in self.slots if slot['introduced_by'] == self.name]

    def lineage(self):
        """Interfaces whose method lists make up the vtable, in order."""
        names = []
        for slot in self.slots:
            if slot['introduced_by'] not in names:
                names.append(slot['introduced_by'])
        return names


def interfaces(tables):
    rows = read_table(tables, 'interfaces')
    return {name: Interface(members) for name, members in grouped(rows, 'interface')}


def list_macro(name):
    return 'MAPI_%s_METHODS' % name.upper()


def slot_params(slot):
    """Parameters of a slot without the object, '' for none."""
    return '' if slot['params'] in ('void', '(undocumented)', '') else slot['params']


def param_names(slot):
    names = []
    for param in slot_params(slot).split(', ') if slot_params(slot) else []:
        names.append(param.split()[-1].lstrip('*').rstrip('[]'))
    return names


def method_list(interface):
    """The list macro: one line a method, for the interface itself and for C++ classes."""
    lines = ['#define %s(IPURE)' % list_macro(interface.name)]
    for slot in interface.own():
        if slot['returns'] == 'HRESULT':
            head = 'MAPIMETHOD(%s)' % slot['method']
        else:
            head = 'MAPIMETHOD_(%s, %s)' % (slot['returns'], slot['method'])
        lines += wrap('    ' + head, slot_params(slot))
    return continued(lines)


def wrap(head, params, limit=98):
    """A method on one line, or its parameters below, folded between parameters."""
    tail = '(THIS_ %s) IPURE;' % params if params else '(THIS) IPURE;'
    if len(head) + len(tail) <= limit:
        return [head + tail]
    lines, line = [head], '        (THIS_'
    for word in tail[len('(THIS_ '):].replace(', ', ',|').replace(' IPURE', '|IPURE').split('|'):
        if len(line) + 1 + len(word) > limit:
            lines.append(line)
            line = '        '
        line += ' ' + word
    return lines + [line]


def continued(lines):
    width = max(len(line) for line in lines)
    return [line.ljust(width) + ' \\' for line in lines[:-1]] + [lines[-1]]


def interface_declaration(interface):
    out = method_list(interface)
    out += ['#undef INTERFACE', '#define INTERFACE %s' % interface.name]
    if interface.base in ('', '-'):
        out.append('DECLARE_MAPI_INTERFACE(%s)' % interface.name)
    else:
        out.append('DECLARE_MAPI_INTERFACE_(%s, %s)' % (interface.name, interface.base))
    out.append('{')
    out += ['    %s(PURE)' % list_macro(name) for name in interface.lineage()]
    out += ['};', '']
    return out


def forward_declarations(found, header):
    out = []
    for interface in found.values():
        if interface.header != header:
            continue
        pointer = interface.pointer or 'LP' + interface.name[1:].upper()
        out.append('DECLARE_MAPI_INTERFACE_PTR(%s, %s);' % (interface.name, pointer))
    return out


def object_macros(found, header):
    """IFoo_Method(p, ...) for C callers."""
    out = []
    for interface in found.values():
        if interface.header != header:
            continue
        pairs = []
        for slot in interface.slots:
            names = param_names(slot)
            args = ', '.join(['p'] + names)
            call = '(p)->lpVtbl->%s(%s)' % (slot['method'], args)
            pairs.append(('%s_%s(%s)' % (interface.name, slot['method'], args), call))
        out += [''] + ['#define %s %s' % pair if len(pair[0]) + len(pair[1]) < 91
                       else '#define %s \\\n    %s' % pair for pair in pairs]
    return out[1:]


# Templates.


def expand(line, tables, header):
    words = line[1:].split()
    what, args = words[0], words[1:]
    if what == 'constants':
        return constants(tables, header)
    if what == 'errors':
        return errors(tables, header)
    if what == 'proptypes':
        return proptypes(tables)
    if what == 'tags':
        return tags(tables, header)
    if what == 'guids':
        return guids(tables, header, args or ['guid'])
    found = interfaces(tables)
    if what == 'forward':
        return forward_declarations(found, header)
    if what == 'methods':
        return method_list(found[args[0]])
    if what == 'interface':
        names = args or [i.name for i in found.values() if i.header == header]
        out = []
        for name in names:
            out += interface_declaration(found[name])
        return out[:-1]
    if what == 'declare':  # without the method list
        out = []
        for name in args:
            out += interface_declaration(found[name])[len(method_list(found[name])):]
        return out[:-1]
    if what == 'object-macros':
        return object_macros(found, header)
    sys.exit('generate.py: unknown request: ' + line)


def make_header(template, tables, output):
    header = os.path.basename(output)
    with open(template, encoding='utf-8') as file:
        lines = file.read().split('\n')
    out = []
    for line in lines:
        out += expand(line, tables, header) if line.startswith('@') else [line]
    with open(output, 'w', encoding='utf-8') as file:
        file.write('\n'.join(out))


def main(args):
    if len(args) != 3:
        sys.exit(__doc__)
    make_header(*args)


if __name__ == '__main__':
    main(sys.argv[1:])
