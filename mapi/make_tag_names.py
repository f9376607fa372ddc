#!/usr/bin/env python3
"""Writes the names of property tags as a C array in the order of strcmp: tag_names.c's.

usage: make_tag_names.py GENERATE TABLES OUTPUT

GENERATE is include/mapi/generate.py, which knows how to read the table of tags.
"""

import importlib.util
import sys

# What a description of a service may speak of; others' tags reuse ids.
HEADERS = ('mapitags.h', 'mapiextra.h', 'edkmdb.h')


def main():
    generate_path, tables, output = sys.argv[1:]
    spec = importlib.util.spec_from_file_location('generate', generate_path)
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    names = set()
    for row in generate.read_table(tables, 'proptags'):
        if row['type']:
            names.update(name for name, _, header, _ in generate.tag_names(row)
                         if header in HEADERS)
    # Of a name in two widths the plain one stands for the wide one.
    wide = {name: name + '_W' if name + '_W' in names else name for name in names}
    with open(output, 'w', encoding='utf-8') as out:
        for name in sorted(names):
            out.write('{"%s", %s},\n' % (name, wide[name]))


main()
