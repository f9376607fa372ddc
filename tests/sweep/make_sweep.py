#!/usr/bin/env python3
"""Make typed calls of every method and export that a client reaches, for the sweep.

usage: make_sweep.py INTERFACES.tsv FLAGS.tsv EXPORTS.txt LIBRARY OUTPUT.inc HEADER...

For each method: a function that takes the arguments from an array and calls the slot, and a row
that says what each argument is (sweep.h). The interface table and the public headers say which
methods, exports and arguments there are; flags.tsv says which bits are documented.
"""

import re
import subprocess
import sys

INTERFACES = ['IMAPISession', 'IMsgStore', 'IAddrBook', 'IABContainer', 'IMailUser', 'IMAPIFolder', 'IMessage', 'IAttach', 'IMAPITable',
              'IMAPIStatus', 'IProfAdmin', 'IMsgServiceAdmin', 'IMsgServiceAdmin2', 'IProviderAdmin', 'IProfSect',
              'IStream']

# What stands behind a parameter, by its type. What is not here is a number when it is passed by
# value, and room for an output when it is a pointer.
KINDS = {
    'LPSPropTagArray': 'TAGS', 'LPSPropValue': 'VALUES', 'LPCIID': 'IID', 'REFIID': 'IID',
    'LPTSTR': 'TEXT', 'LPSTR': 'TEXT', 'LPCTSTR': 'TEXT', 'LPCSTR': 'TEXT', 'LPWSTR': 'TEXT', 'LPCWSTR': 'TEXT',
    'LPENTRYID': 'ENTRYID', 'LPENTRYLIST': 'ENTRYLIST', 'LPMAPIADVISESINK': 'SINK',
    'LPMAPIPROGRESS': 'PROGRESS', 'LPSRestriction': 'RESTRICTION', 'LPSSortOrderSet': 'SORT',
    'LPMAPIUID': 'UID', 'LPGUID': 'UID', 'LPMESSAGE': 'MESSAGE', 'LPMDB': 'STORE',
    'LPMAPIFOLDER': 'FOLDER', 'LPMAPIPROP': 'MESSAGE', 'LPMAPITABLE': 'TABLE',
    'LPMAPISESSION': 'SESSION', 'LPADRLIST': 'ADRLIST', 'LPMAPINAMEID *': 'NAMES',
    'LPMAPINAMEID': 'NAME', 'LPNOTIFICATION': 'NOTIFICATION', 'LPSTREAM': 'STREAM',
    'IStream *': 'STREAM', 'LPBYTE': 'BYTES', 'LPVOID': 'BYTES', 'void *': 'BYTES',
    'const void *': 'BYTES', 'LPUNKNOWN': 'MESSAGE', 'LPALLOCATEBUFFER': 'ALLOCATE',
    'ALLOCATEBUFFER *': 'ALLOCATE', 'LPALLOCATEMORE': 'MORE', 'ALLOCATEMORE *': 'MORE',
    'LPFREEBUFFER': 'FREE', 'FREEBUFFER *': 'FREE', 'LPSRowSet *': 'OUT_ROWS',
    'LPSRowSet': 'ROWS', 'LPSRow': 'ROW', 'LPNOTIFCALLBACK': 'CALLBACK',
    'LPADRPARM': 'BYTES', 'LPADRENTRY': 'ROW', 'LPFNDISMISS': 'CALLBACK', 'LPFNBUTTON': 'CALLBACK',
    'LPFlagList': 'MARKS',
}
OBJECTS = {'LPUNKNOWN', 'LPMAPITABLE', 'LPMESSAGE', 'LPMDB', 'LPPROFSECT', 'LPATTACH',
           'LPSERVICEADMIN', 'LPPROVIDERADMIN', 'LPPROFADMIN', 'LPMAPIFOLDER', 'IStream *',
           'LPADRBOOK', 'LPPROPDATA', 'LPTABLEDATA', 'LPMALLOC', 'LPMAPIADVISESINK', 'LPMAPISESSION', 'LPSTREAM', 'LPMAPIPROP'}
MEMORY = {'LPSPropValue', 'LPSPropTagArray', 'LPMAPIERROR', 'LPENTRYID', 'LPTSTR', 'LPTSTR *',
          'LPMAPINAMEID *', 'LPSPropProblemArray', 'LPBYTE', 'LPSRestriction', 'LPENTRYLIST',
          'LPSSortOrderSet'}
WIDE = {'LARGE_INTEGER', 'ULARGE_INTEGER', 'FILETIME'}
NUMBERS = {'ULONG', 'LONG', 'DWORD', 'BOOL', 'UINT', 'int', 'ULONG_PTR', 'HRESULT', 'SCODE',
           'BOOKMARK', 'USHORT', 'LHANDLE', 'SIZE_T', 'unsigned int', 'WORD'}

# Where one type means two things.
BY_NAME = {
    ('OpenProperty', 'lpiid'): 'IID_STREAM',
    ('CopyTo', 'rgiidExclude'): 'IID_STREAM', ('CopyTo', 'lpInterface'): 'IID_PROP', ('CopyProps', 'lpInterface'): 'IID_PROP',
    ('CopyTo', 'lpDestObj'): 'MESSAGE', ('CopyProps', 'lpDestObj'): 'MESSAGE',
    ('CopyMessages', 'lpDestFolder'): 'FOLDER', ('CopyFolder', 'lpDestFolder'): 'FOLDER',
    ('CopyMsgService', 'lpObjectDst'): 'MESSAGE',
    ('GetNamesFromIDs', 'lppPropTags'): 'TAGS_POINTER',
    ('CreateProvider', 'lpUID'): 'OUT',
    ('QueryInterface', 'ppvObj'): 'OUT_OBJECT',
    ('FBadRglpszA', 'lppszT'): 'TEXTS', ('FBadRglpszW', 'lppszW'): 'TEXTS',
    ('PropCopyMore', 'lpvObject'): 'BUFFER',
    ('StoreLogoff', 'lpulFlags'): 'FLAGS_POINTER',
}
# An interface that repeats another's methods: these go by the other's name.
REPEATS = {'IMsgServiceAdmin2': 'IMsgServiceAdmin'}
FLAG_NAMES = {'ulFlags', 'ulSearchFlags', 'flFlags', 'ulCreateFlags'}

# Exports that the test calls by hand (they free, count references, or end everything), and those
# that take what only another of them makes.
BY_HAND = {'MAPIInitialize', 'MAPIUninitialize', 'MAPIFreeBuffer', 'MAPIAllocateBuffer',
           'MAPIAllocateMore', 'MAPIReallocateBuffer', 'UlAddRef', 'UlRelease', 'FreeProws',
           'FreePadrlist', 'FtgRegisterIdleRoutine', 'DeregisterIdleRoutine',
           'EnableIdleRoutine', 'ChangeIdleRoutine', 'HrAddColumnsEx', 'ScRelocProps', 'DeinitMapiUtil', 'DllCanUnloadNow', 'DllGetClassObject'}


def read_table(path):
    with open(path, encoding='utf-8') as file:
        lines = [line.rstrip('\n').split('\t') for line in file
                 if line.strip() and not line.startswith('#')]
    return [dict(zip(lines[0], line)) for line in lines[1:]]


def read_params(text):
    """[(type, name)]"""
    params = []
    text = ' '.join(text.split())
    if text in ('void', ''):
        return params
    for param in text.split(','):
        match = re.match(r'\s*(.*?)\s*(\w+)\s*$', param)
        params.append((match.group(1), match.group(2)))
    return params


def kind_of(method, kind, name):
    if (method, name) in BY_NAME:
        return BY_NAME[method, name]
    if kind in WIDE:
        return 'WIDE'
    if kind in NUMBERS:
        if name in FLAG_NAMES:
            return 'FLAGS'
        if re.match(r'c(b|ch)?[A-Z]', name) or name in ('cb', 'ciidExclude', 'cbEntryID'):
            return 'COUNT'
        return 'NUMBER'
    if kind in KINDS:
        return KINDS[kind]
    if kind.endswith('*'):
        what = kind[:-1].strip()
        if what in OBJECTS:
            return 'OUT_OBJECT'
        return 'OUT_MEMORY' if what in MEMORY else 'OUT'
    raise KeyError('make_sweep: %s: what is a %s %s?' % (method, kind, name))


def argument(kind, index):
    at = 'a[%d]' % index
    if kind in WIDE:
        return '*(%s *)&%s.number' % (kind, at)
    if kind in NUMBERS:
        return '(%s)%s.number' % (kind, at)
    return '(%s)%s.pointer' % (kind, at)


def describe(flags, owner, method, params):
    """The row's array of parameters."""
    cells = []
    for index, (kind, name) in enumerate(params):
        what = kind_of(method, kind, name)
        mask = '0'
        if what in ('FLAGS', 'FLAGS_POINTER'):
            key = (owner, method, name)
            if key in flags:
                mask = flags.pop(key)
            elif owner == '-':
                what = 'NUMBER'  # a new export: its bits are not swept until they are in flags.tsv
            else:
                sys.exit('make_sweep: flags.tsv lacks %s::%s %s' % key)
        cells.append('{"%s", SWEEP_%s, %s}' % (name, what, mask))
    return '{%s}' % ', '.join(cells) if cells else '{{0}}'


def method_rows(slots, flags, lines):
    seen = set()
    for interface in INTERFACES:
        rows = []
        for slot in sorted((row for row in slots if row['interface'] == interface),
                           key=lambda row: int(row['ordinal'])):
            owner = REPEATS.get(slot['introduced_by'], slot['introduced_by'])
            method = slot['method']
            if method in ('AddRef', 'Release'):
                continue
            params = read_params(slot['params'])
            name = '%s_%s' % (interface, method)
            arguments = ['object'] + [argument(kind, i) for i, (kind, _) in enumerate(params)]
            lines += ['static HRESULT call_%s(void *object, const union sweep_value *a)' % name,
                      '{', '    %s *face = object;' % interface, '',
                      '    return face->lpVtbl->%s(%s);' % (
                          method, ', '.join(['face'] + arguments[1:])), '}', '']
            copy = dict(flags)
            described = describe(copy, owner, method, params)
            seen.update(set(flags) - set(copy))
            rows.append('    {"%s", "%s", call_%s, %s, %d, %s},' % (
                owner, method, name, 'true' if method == 'QueryInterface' else 'false',
                len(params), described))
        lines += ['static const struct sweep_method %s_methods[] = {' % interface] + rows + ['};', '']
    lines += ['const struct sweep_interface sweep_interfaces[] = {']
    for interface in INTERFACES:
        lines.append('    {"%s", %s_methods, sizeof(%s_methods) / sizeof(%s_methods[0])},' % (
            interface, interface, interface, interface))
    lines += ['};', 'const size_t sweep_interface_count = %d;' % len(INTERFACES), '']
    return seen


def read_exports(path, library):
    with open(path, encoding='utf-8') as file:
        wanted = {line.strip() for line in file if line.strip() and line[0] not in '#?'}
    text = subprocess.run(['nm', '-D', '--defined-only', library], check=True,
                          capture_output=True, text=True).stdout
    return wanted & {line.split()[-1].partition('@')[0] for line in text.splitlines()}


def read_prototypes(paths):
    prototypes = {}
    for path in paths:
        with open(path, encoding='utf-8') as file:
            text = file.read()
        for match in re.finditer(r'MAPI_API\s+([\w ]+?\*?)\s*STDAPICALLTYPE\s+(\w+)\(([^;]*)\);',
                                 text):
            prototypes[match.group(2)] = (match.group(1).strip(), match.group(3))
    return prototypes


def export_rows(names, prototypes, flags, lines):
    seen, rows = set(), []
    for name in sorted(names - BY_HAND):
        if name not in prototypes:
            continue
        returns, text = prototypes[name]
        try:
            params = read_params(text)
            [kind_of(name, kind, param) for kind, param in params]
        except (AttributeError, KeyError) as error:  # a new export with arguments of a new kind
            print('make_sweep: %s is not swept: %s' % (name, error))
            continue
        call = '%s(%s)' % (name, ', '.join(argument(k, i) for i, (k, _) in enumerate(params)))
        lines += ['static HRESULT call_%s(void *object, const union sweep_value *a)' % name, '{',
                  '    (void)object;', '    (void)a;']
        if returns in ('HRESULT', 'SCODE'):
            lines += ['    return %s;' % call, '}', '']
        else:
            lines += ['    (void)%s;' % call, '    return SWEEP_NO_RESULT;', '}', '']
        copy = dict(flags)
        described = describe(copy, '-', name, params)
        seen.update(set(flags) - set(copy))
        rows.append('    {"-", "%s", call_%s, false, %d, %s},' % (name, name, len(params), described))
    lines += ['static const struct sweep_method export_methods[] = {'] + rows + ['};', '']
    lines += ['const struct sweep_interface sweep_exports = {"exports", export_methods, %d};'
              % len(rows), '']
    return seen


def main():
    interfaces, flags_path, exports, library, output = sys.argv[1:6]
    flags = {(row['interface'], row['method'], row['argument']): row['documented']
             for row in read_table(flags_path)}
    lines = ['/* Generated by make_sweep.py; do not edit. */', '']
    seen = method_rows(read_table(interfaces), flags, lines)
    seen |= export_rows(read_exports(exports, library), read_prototypes(sys.argv[6:]), flags, lines)
    for key in {key for key in flags if key[0] != '-'} - seen:
        sys.exit('make_sweep: flags.tsv has %s::%s %s, which nobody has' % key)
    with open(output, 'w', encoding='utf-8') as file:
        file.write('\n'.join(lines))


main()
