#!/usr/bin/env python3
"""Make the vtable of an object, and the thunk that stands before each of its methods.

usage: thunks.py TABLES OUTPUT STRUCT INTERFACE PREFIX [SLOTS=WHERE]...

STRUCT embeds `struct mapi_object object` (mapi/object.h) and the interface as `INTERFACE_iface`.
A thunk asks mapi_object_enter whether the object is alive, calls the method, and ends in
mapi_object_leave. The method is PREFIX_Slot(struct STRUCT *, arguments...), static and written by
hand, unless SLOTS=WHERE says otherwise. SLOTS is one slot or, for all that an interface brings in,
that interface; WHERE is

    FUNCTION:MEMBER   FUNCTION_Slot(&self->MEMBER, arguments...), e.g. IMAPIProp=prop:props
    object            mapi_object_get_last_error, e.g. GetLastError=object
    unsupported       answers MAPI_E_NO_SUPPORT

The output is included by the object's file after the structure; it declares the methods and ends
with `static const INTERFACEVtbl PREFIX_INTERFACE_vtbl`. README.md shows an example.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import generate  # noqa: E402


class Object:
    """What the command line says."""

    def __init__(self, interface, struct, prefix, rules):
        self.interface = interface
        self.struct = struct
        self.prefix = prefix
        self.rules = rules

    def where(self, slot):
        """The rule for a slot: by its own name first, then by the interface that brings it."""
        return self.rules.get(slot['method'], self.rules.get(slot['introduced_by'], 'self'))


def params_of(slot, first):
    params = generate.slot_params(slot)
    return first + (', ' + params if params else '')


def args_of(slot, first):
    return ', '.join([first] + generate.param_names(slot))


def folded(head, inner, tail):
    """head + inner + tail, folded at commas like a prototype."""
    text = head + inner + tail
    if len(text) <= 100:
        return [text]
    indent = len(head) if len(head) < 60 else 8
    lines, line = [], head
    words = inner.split(', ')
    for index, word in enumerate(words):
        piece = word + (', ' if index < len(words) - 1 else tail)
        if len(line) + len(piece.rstrip()) > 100:
            lines.append(line.rstrip())
            line = ' ' * indent
        line += piece
    return lines + [line]


def needs_method(obj, slot):
    return slot['introduced_by'] != 'IUnknown' and obj.where(slot) == 'self'


def prototypes(obj):
    out = []
    for slot in obj.interface.slots:
        if needs_method(obj, slot):
            head = 'static %s %s_%s(' % (slot['returns'], obj.prefix, slot['method'])
            out += folded(head, params_of(slot, 'struct %s *self' % obj.struct), ');')
    return out


def method_call(obj, slot):
    """The expression that does the work of a slot."""
    where = obj.where(slot)
    if where == 'self':
        return folded('%s_%s(' % (obj.prefix, slot['method']), args_of(slot, 'self'), ')')
    if where == 'object':
        return folded('mapi_object_get_last_error(', args_of(slot, '&self->object'), ')')
    function, _, member = where.partition(':')
    return folded('%s_%s(' % (function, slot['method']), args_of(slot, '&self->' + member), ')')


def thunk_body(obj, slot):
    returns = slot['returns']
    if obj.where(slot) == 'unsupported':
        used = ['    (void)%s;' % name for name in generate.param_names(slot)]
        body = used + ['    hr = mapi_object_enter(&self->object);',
                       '    return FAILED(hr) ? hr : mapi_object_leave(&self->object, '
                       'MAPI_E_NO_SUPPORT);']
        return ['    HRESULT hr;', ''] + body
    call = ' '.join(line.strip() for line in method_call(obj, slot))
    if returns == 'HRESULT':
        return ['    HRESULT hr = mapi_object_enter(&self->object);', '',
                '    if (FAILED(hr))', '        return hr;'] + statement('hr = ', call) + [
                    '    return mapi_object_leave(&self->object, hr);']
    if returns == 'void':
        return ['    if (FAILED(mapi_object_enter(&self->object)))', '        return;'] + statement(
            '', call) + ['    mapi_object_leave(&self->object, S_OK);']
    return ['    %s result;' % returns, '', '    if (FAILED(mapi_object_enter(&self->object)))',
            '        return 0;'] + statement('result = ', call) + [
                '    mapi_object_leave(&self->object, S_OK);', '    return result;']


def statement(left, call):
    function, _, arguments = call.partition('(')
    return folded('    ' + left + function + '(', arguments[:-1], ');')


def thunk(obj, slot):
    name = '%s_thunk_%s' % (obj.prefix, slot['method'])
    head = 'static %s STDMETHODCALLTYPE %s(' % (slot['returns'], name)
    lines = folded(head, params_of(slot, '%s *iface' % obj.interface.name), ')') + ['{']
    lines.append('    struct %s *self = %s_from_%s(iface);' % (obj.struct, obj.prefix,
                                                              obj.interface.name))
    if slot['method'] == 'QueryInterface':
        lines += ['', '    return mapi_object_query(&self->object, %s);' %
                  ', '.join(generate.param_names(slot))]
    elif slot['method'] == 'AddRef':
        lines += ['', '    return mapi_object_ref(&self->object);']
    elif slot['method'] == 'Release':
        lines += ['', '    return mapi_object_unref(&self->object);']
    else:
        lines += thunk_body(obj, slot)
    return lines + ['}', '']


def whole(obj):
    name = obj.interface.name
    vtable = '%s_%s_vtbl' % (obj.prefix, name)
    out = ['/* Generated by thunks.py for struct %s as %s; do not edit. */' % (obj.struct, name), '']
    out += prototypes(obj)
    out += ['', 'static const %sVtbl %s;' % (name, vtable), '']
    out += ['static struct %s *%s_from_%s(%s *iface)' % (obj.struct, obj.prefix, name, name), '{',
            '    assert(iface->lpVtbl == &%s);' % vtable,
            '    return (struct %s *)((char *)iface - offsetof(struct %s, %s_iface));' %
            (obj.struct, obj.struct, name), '}', '']
    for slot in obj.interface.slots:
        out += thunk(obj, slot)
    out += ['static const %sVtbl %s = {' % (name, vtable)]
    out += ['    .%s = %s_thunk_%s,' % (slot['method'], obj.prefix, slot['method'])
            for slot in obj.interface.slots]
    return out + ['};', '']


def main(args):
    if len(args) < 5:
        sys.exit(__doc__)
    tables, output, struct, name, prefix = args[:5]
    found = generate.interfaces(tables)
    if name not in found:
        sys.exit('thunks.py: no interface ' + name)
    rules = dict(rule.split('=', 1) for rule in args[5:])
    known = {slot['method'] for slot in found[name].slots} | set(found[name].lineage())
    unknown = set(rules) - known
    if unknown:
        sys.exit('thunks.py: %s has no %s' % (name, ', '.join(sorted(unknown))))
    with open(output, 'w', encoding='utf-8') as file:
        file.write('\n'.join(whole(Object(found[name], struct, prefix, rules))))


if __name__ == '__main__':
    main(sys.argv[1:])
