#!/usr/bin/env python3
"""Writes, for the vtables of a sample provider, what refuses every call.

usage: refusals.py INTERFACES.tsv OUTPUT INTERFACE...

For each interface a table NAME_refusals, whose slots answer MAPI_E_NO_SUPPORT; a provider copies it
and puts its own functions in. Providers from elsewhere have no thunks of ours.
"""

import sys


def main():
    table, output, *wanted = sys.argv[1:]
    with open(table, encoding='utf-8') as file:
        lines = [line.rstrip('\n').split('\t') for line in file if not line.startswith('#')]
    rows = [dict(zip(lines[0], line)) for line in lines[1:]]
    with open(output, 'w', encoding='utf-8') as out:
        for interface in wanted:
            slots = sorted((row for row in rows if row['interface'] == interface),
                           key=lambda row: int(row['ordinal']))
            for slot in slots:
                params = '' if slot['params'] == 'void' else ', ' + slot['params']
                answer = 'MAPI_E_NO_SUPPORT' if slot['returns'] == 'HRESULT' else '0'
                out.write('static %s STDMETHODCALLTYPE %s_refuse_%s(%s *self%s)\n{\n    return %s;\n}\n'
                          % (slot['returns'], interface, slot['method'], interface, params, answer))
            out.write('static const %sVtbl %s_refusals = {\n' % (interface, interface))
            for slot in slots:
                out.write('    .%s = %s_refuse_%s,\n' % (slot['method'], interface, slot['method']))
            out.write('};\n\n')


main()
