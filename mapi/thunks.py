#!/usr/bin/env python3
"""Make the vtables of COM objects from the interface table and the source that implements them.

usage: thunks.py INTERFACES.tsv SOURCE.c OUTPUT.inc

The source asks for a vtable in a comment and includes the output right after it:

    /* @thunks IMAPIStatus imap_status status props=props none=SettingsDialog,ChangePassword */
    #include "providers/imap/status_thunks.inc"

    INTERFACE STRUCT PREFIX [object=MEMBER] [face=MEMBER] [props=MEMBER] [own=SLOT,..] [none=SLOT,..]

STRUCT embeds `struct mapi_object object` and the interface as `INTERFACE_iface`. The hand-written
slot is `PREFIX_Slot(struct STRUCT *, ...)`. The output holds, for each slot, a thunk that turns
the interface into the object (asserting that it is one), asks mapi_object_enter whether it is
alive, calls the slot, and leaves; and `static const INTERFACEVtbl PREFIX_vtbl`.

 - IUnknown's slots come from the mapi_object.
 - With props=MEMBER (a struct mapi_prop), IMAPIProp's slots go to prop_Slot(&self->MEMBER, ...),
   save those that the source defines itself or names in own=.
 - GetLastError comes from the mapi_object unless the source defines it.
 - Slots in none= answer MAPI_E_NO_SUPPORT.
 - Arguments that no call can mean are MAPI_E_INVALID_PARAMETER before the slot sees them: CHECKS,
   mapi/arguments.h.

Any number of requests in one source; the output serves all, so it is included after the last.
"""

import re
import sys

# The check of mapi/arguments.h for a parameter, by its type and name.
CHECKS = [
    (r'(ULONG c(Values|PropNames|UID)|ULONG ciidExclude|ULONG cb\w+)$', 'argument_count_is_bad'),
    (r'LPSPropTagArray \w+$', 'argument_tags_are_bad'),
    (r'LPSSortOrderSet \w+$', 'argument_sort_is_bad'),
    (r'LPENTRYLIST \w+$', 'argument_entries_are_bad'),
    (r'LPADRLIST \w+$', 'argument_addresses_are_bad'),
]

MARK = re.compile(r'/\*\s*@thunks\s+(.*?)\*/', re.S)


def read_slots(path):
    """interface -> list of slots in vtable order."""
    with open(path, encoding='utf-8') as file:
        lines = [line.rstrip('\n').split('\t') for line in file if not line.startswith('#')]
    columns, rows = lines[0], lines[1:]
    interfaces = {}
    for row in rows:
        slot = dict(zip(columns, row))
        interfaces.setdefault(slot['interface'], []).append(slot)
    for slots in interfaces.values():
        slots.sort(key=lambda slot: int(slot['ordinal']))
    return interfaces


class Request:
    def __init__(self, text):
        words = re.sub(r',\s+', ',', text.replace('*', ' ')).split()  # lists may be broken behind a comma
        self.interface, self.struct, self.prefix = words[:3]
        options = dict(word.split('=', 1) for word in words[3:])
        self.object = options.pop('object', 'object')
        self.face = options.pop('face', self.interface + '_iface')
        self.props = options.pop('props', None)
        self.own = set(filter(None, options.pop('own', '').split(',')))
        self.none = set(filter(None, options.pop('none', '').split(',')))
        if options:
            sys.exit('thunks: unknown option ' + ', '.join(options))


def parameters(slot):
    """The parameters as (declaration, name)."""
    if slot['params'] in ('void', '', '(undocumented)'):
        return []
    pairs = []
    for param in slot['params'].split(', '):
        pairs.append((param, re.search(r'(\w+)$', param).group(1)))
    return pairs


def unknown_slot(request, slot):
    calls = {
        'QueryInterface': 'return mapi_object_query(&self->%s, riid, ppvObj);',
        'AddRef': 'return mapi_object_ref(&self->%s);',
        'Release': 'return mapi_object_unref(&self->%s);',
    }
    return ['    ' + calls[slot['method']] % request.object]


def target(request, slot, source):
    """The call that does the work, without arguments beyond the first."""
    method = slot['method']
    written = re.search(r'\b%s_%s\(' % (request.prefix, method), source)
    if method in request.own or written:
        return '%s_%s(self' % (request.prefix, method)
    if request.props and slot['introduced_by'] == 'IMAPIProp':
        return 'prop_%s(&self->%s' % (method, request.props)
    if method == 'GetLastError':
        return 'mapi_object_get_last_error(&self->%s' % request.object
    return '%s_%s(self' % (request.prefix, method)


def checks(slot):
    """The conditions under which an argument is refused."""
    return ['%s(%s)' % (check, name) for declaration, name in parameters(slot)
            for pattern, check in CHECKS if re.match(pattern, declaration)]


def method_slot(request, slot, source):
    names = [name for _, name in parameters(slot)]
    returns = slot['returns']
    if slot['method'] in request.none:
        return [
            '    HRESULT hr = mapi_object_enter(&self->%s);' % request.object,
            '',
            '    if (FAILED(hr))',
            '        return hr;',
            '    return mapi_object_leave(&self->%s, MAPI_E_NO_SUPPORT);' % request.object,
        ]
    call = ', '.join([target(request, slot, source)] + names) + ')'
    if returns == 'HRESULT':
        refused = checks(slot)
        work = ['    hr = %s;' % call]
        if refused:
            work = ['    if (%s)' % ' || '.join(refused),
                    '        hr = MAPI_E_INVALID_PARAMETER;',
                    '    else', '    ' + work[0]]
        return [
            '    HRESULT hr = mapi_object_enter(&self->%s);' % request.object,
            '',
            '    if (FAILED(hr))',
            '        return hr;',
        ] + work + [
            '    return mapi_object_leave(&self->%s, hr);' % request.object,
        ]
    if returns == 'void':
        return [
            '    if (FAILED(mapi_object_enter(&self->%s)))' % request.object,
            '        return;',
            '    %s;' % call,
            '    mapi_object_leave(&self->%s, S_OK);' % request.object,
        ]
    return [
        '    %s result;' % returns,
        '',
        '    if (FAILED(mapi_object_enter(&self->%s)))' % request.object,
        '        return 0;',
        '    result = %s;' % call,
        '    mapi_object_leave(&self->%s, S_OK);' % request.object,
        '    return result;',
    ]


def vtable(request, slots, source):
    lines = [
        '/* ---- %s of struct %s ---- */' % (request.interface, request.struct),
        '',
        'static const %sVtbl %s_vtbl;' % (request.interface, request.prefix),
        '',
        'static struct %s *%s_from_%s(%s *iface)' % (
            request.struct, request.prefix, request.interface, request.interface),
        '{',
        '    assert(iface->lpVtbl == &%s_vtbl);' % request.prefix,
        '    return container_of(iface, struct %s, %s);' % (request.struct, request.face),
        '}',
        '',
    ]
    for slot in slots:
        declared = ['%s *iface' % request.interface] + [text for text, _ in parameters(slot)]
        lines += [
            'static %s STDMETHODCALLTYPE %s_thunk_%s(%s)' % (
                slot['returns'], request.prefix, slot['method'], ', '.join(declared)),
            '{',
            '    struct %s *self = %s_from_%s(iface);' % (
                request.struct, request.prefix, request.interface),
        ]
        if slot['introduced_by'] == 'IUnknown':
            lines += [''] + unknown_slot(request, slot)
        else:
            body = method_slot(request, slot, source)
            if slot['returns'] == 'void' and slot['method'] not in request.none:
                lines.append('')
            lines += body
        lines += ['}', '']
    lines.append('static const %sVtbl %s_vtbl = {' % (request.interface, request.prefix))
    for slot in slots:
        lines.append('    .%s = %s_thunk_%s,' % (
            slot['method'], request.prefix, slot['method']))
    lines += ['};', '']
    return lines


def main():
    _, table, source_path, output = sys.argv
    interfaces = read_slots(table)
    with open(source_path, encoding='utf-8') as file:
        source = file.read()
    requests = [Request(match.group(1)) for match in MARK.finditer(source)]
    if not requests:
        sys.exit(source_path + ': no @thunks request')
    lines = ['/* Generated by mapi/thunks.py; do not edit. */', '#include <assert.h>', '',
             '#include "mapi/arguments.h"', '#include "mapi/object.h"', '']
    for request in requests:
        if request.interface not in interfaces:
            sys.exit(source_path + ': no interface ' + request.interface)
        slots = interfaces[request.interface]
        known = {slot['method'] for slot in slots}
        if (request.own | request.none) - known:
            sys.exit(source_path + ': no slot ' + ', '.join((request.own | request.none) - known))
        lines += vtable(request, slots, source)
    with open(output, 'w', encoding='utf-8') as file:
        file.write('\n'.join(lines))


main()
