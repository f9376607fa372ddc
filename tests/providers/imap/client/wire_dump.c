/* tests/providers/imap/client/wire_dump.c - a response as a line of text */
#include <stdio.h>

#include "wire_feed.h"

static void dump_text(FILE *file, struct wire_text text)
{
    if (!text.data) {
        fputs("NIL", file);
        return;
    }
    fputc('"', file);
    for (uint32_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];

        if (c < 0x20 || c >= 0x7F)
            fprintf(file, "\\x%02x", c);
        else
            fputc(c, file);
    }
    fputc('"', file);
}

static void dump_named(FILE *file, const char *name, struct wire_text text)
{
    fprintf(file, " %s=", name);
    dump_text(file, text);
}

static void dump_texts(FILE *file, const struct wire_text_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        fputc(' ', file);
        dump_text(file, list->items[i]);
    }
}

static void dump_ranges(FILE *file, const struct wire_ranges *ranges)
{
    for (size_t i = 0; i < ranges->count; i++) {
        fprintf(file, "%s%u", i ? "," : "", ranges->ranges[i].first);
        if (ranges->ranges[i].last != ranges->ranges[i].first)
            fprintf(file, ":%u", ranges->ranges[i].last);
    }
}

static void dump_flags(FILE *file, const struct wire_flags *flags)
{
    static const char letters[] = "SAFDdR";

    fputc(' ', file);
    for (unsigned i = 0; letters[i]; i++) {
        if (flags->bits & 1u << i)
            fputc(letters[i], file);
    }
    fputs(flags->bits & WIRE_FLAG_ANY ? "*" : "-", file);
    dump_texts(file, &flags->keywords);
}

static void dump_status(FILE *file, const struct wire_status *status)
{
    static const char *const conditions[] = {"OK", "NO", "BAD", "BYE", "PREAUTH"};

    fprintf(file, " %s", conditions[status->condition]);
    if (status->code != WIRE_CODE_NONE) {
        fprintf(file, " [%s", wire_code_name(status->code));
        if (status->code == WIRE_CODE_OTHER)
            dump_named(file, "code", status->code_text);
        if (status->uidvalidity)
            fprintf(file, " validity=%u", status->uidvalidity);
        if (status->number)
            fprintf(file, " %llu", (unsigned long long)status->number);
        if (status->from.count)
            fputs(" from=", file);
        dump_ranges(file, &status->from);
        if (status->to.count)
            fputs(" to=", file);
        dump_ranges(file, &status->to);
        dump_texts(file, &status->words);
        if (status->code == WIRE_CODE_PERMANENTFLAGS)
            dump_flags(file, &status->flags);
        fputc(']', file);
    }
    fputc(' ', file);
    dump_text(file, status->text);
}

static void dump_addresses(FILE *file, const char *name, const struct wire_address_list *list)
{
    if (list->count == 0)
        return;
    fprintf(file, " %s=(", name);
    for (size_t i = 0; i < list->count; i++) {
        const struct wire_address *address = &list->items[i];

        fputs(i ? " | " : "", file);
        dump_text(file, address->name);
        if (address->route.data)
            dump_named(file, "route", address->route);
        fputc(' ', file);
        dump_text(file, address->mailbox);
        fputc('@', file);
        dump_text(file, address->host);
    }
    fputc(')', file);
}

static void dump_envelope(FILE *file, const struct wire_envelope *envelope)
{
    fputs(" envelope{", file);
    dump_named(file, "date", envelope->date);
    dump_named(file, "subject", envelope->subject);
    dump_addresses(file, "from", &envelope->from);
    dump_addresses(file, "sender", &envelope->sender);
    dump_addresses(file, "reply-to", &envelope->reply_to);
    dump_addresses(file, "to", &envelope->to);
    dump_addresses(file, "cc", &envelope->cc);
    dump_addresses(file, "bcc", &envelope->bcc);
    dump_named(file, "in-reply-to", envelope->in_reply_to);
    dump_named(file, "id", envelope->message_id);
    fputc('}', file);
}

static void dump_parameters(FILE *file, const struct wire_parameter_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        fputc(';', file);
        dump_text(file, list->items[i].name);
        fputc('=', file);
        dump_text(file, list->items[i].value);
    }
}

static void dump_part(FILE *file, const struct wire_part *part)
{
    fprintf(file, "<%.*s/%.*s", (int)part->type.size, part->type.data, (int)part->subtype.size,
            part->subtype.data);
    dump_parameters(file, &part->parameters);
    if (part->part_count == 0 || part->envelope)
        fprintf(file, " %llu/%llu", (unsigned long long)part->size,
                (unsigned long long)part->lines);
    if (part->encoding.data)
        dump_named(file, "enc", part->encoding);
    if (part->id.data)
        dump_named(file, "id", part->id);
    if (part->description.data)
        dump_named(file, "desc", part->description);
    if (part->md5.data)
        dump_named(file, "md5", part->md5);
    if (part->disposition.data)
        dump_named(file, "disp", part->disposition);
    dump_parameters(file, &part->disposition_parameters);
    if (part->languages.count)
        fputs(" lang=", file);
    dump_texts(file, &part->languages);
    if (part->location.data)
        dump_named(file, "loc", part->location);
    if (part->envelope)
        dump_envelope(file, part->envelope);
    for (size_t i = 0; i < part->part_count; i++)
        dump_part(file, &part->parts[i]);
    fputc('>', file);
}

static void dump_section(FILE *file, const struct wire_section *section)
{
    fprintf(file, " %s[%.*s]", section->binary ? "binary" : "section", (int)section->name.size,
            section->name.data);
    if (section->has_origin)
        fprintf(file, "<%llu>", (unsigned long long)section->origin);
    if (section->streamed)
        fprintf(file, "=streamed %llu", (unsigned long long)section->size);
    else
        dump_named(file, "is", section->bytes);
}

static void dump_fetch(FILE *file, const struct wire_fetch *fetch)
{
    fprintf(file, " %u", fetch->sequence);
    if (fetch->present & WIRE_FETCH_UID)
        fprintf(file, " uid=%u", fetch->uid);
    if (fetch->present & WIRE_FETCH_FLAGS)
        dump_flags(file, &fetch->flags);
    if (fetch->present & WIRE_FETCH_SIZE)
        fprintf(file, " size=%llu", (unsigned long long)fetch->size);
    if (fetch->present & WIRE_FETCH_INTERNALDATE)
        fprintf(file, " date=%lld", (long long)fetch->internaldate);
    if (fetch->present & WIRE_FETCH_MODSEQ)
        fprintf(file, " modseq=%llu", (unsigned long long)fetch->modseq);
    if (fetch->present & WIRE_FETCH_EMAILID)
        dump_named(file, "emailid", fetch->emailid);
    if (fetch->present & WIRE_FETCH_THREADID)
        dump_named(file, "threadid", fetch->threadid);
    if (fetch->present & WIRE_FETCH_GM_MSGID)
        fprintf(file, " gm_msgid=%llu", (unsigned long long)fetch->gm_msgid);
    if (fetch->present & WIRE_FETCH_GM_THRID)
        fprintf(file, " gm_thrid=%llu", (unsigned long long)fetch->gm_thrid);
    if (fetch->present & WIRE_FETCH_GM_LABELS) {
        fputs(" labels", file);
        dump_texts(file, &fetch->gm_labels);
    }
    if (fetch->present & WIRE_FETCH_ENVELOPE)
        dump_envelope(file, &fetch->envelope);
    if (fetch->present & WIRE_FETCH_STRUCTURE) {
        fputc(' ', file);
        dump_part(file, fetch->structure);
    }
    for (size_t i = 0; i < fetch->section_count; i++)
        dump_section(file, &fetch->sections[i]);
    if (fetch->present & WIRE_FETCH_UNKNOWN)
        fputs(" unknown", file);
}

static void dump_list(FILE *file, const struct wire_list *list)
{
    fprintf(file, " %x ", list->attributes);
    fprintf(file, list->delimiter ? "'%c' " : "NIL ", list->delimiter);
    dump_text(file, list->name);
}

static void dump_mailbox_status(FILE *file, const struct wire_mailbox_status *status)
{
    fputc(' ', file);
    dump_text(file, status->name);
    fprintf(file, " has=%x messages=%u recent=%u uidnext=%u uidvalidity=%u unseen=%u",
            status->present, status->messages, status->recent, status->uidnext, status->uidvalidity,
            status->unseen);
    fprintf(file, " modseq=%llu size=%llu", (unsigned long long)status->highestmodseq,
            (unsigned long long)status->size);
    dump_named(file, "id", status->mailboxid);
    dump_named(file, "guid", status->guid);
}

static void dump_esearch(FILE *file, const struct wire_esearch *esearch)
{
    dump_named(file, "tag", esearch->tag);
    fputs(esearch->uid ? " uid" : "", file);
    if (esearch->has_min)
        fprintf(file, " min=%u", esearch->min);
    if (esearch->has_max)
        fprintf(file, " max=%u", esearch->max);
    if (esearch->has_count)
        fprintf(file, " count=%u", esearch->count);
    if (esearch->has_all)
        fputs(" all=", file);
    dump_ranges(file, &esearch->all);
    if (esearch->modseq)
        fprintf(file, " modseq=%llu", (unsigned long long)esearch->modseq);
}

static void dump_namespaces(FILE *file, const struct wire_namespace_list *list)
{
    fputs(" (", file);
    for (size_t i = 0; i < list->count; i++) {
        fputs(i ? " " : "", file);
        dump_text(file, list->items[i].prefix);
        fprintf(file, list->items[i].delimiter ? "'%c'" : "NIL", list->items[i].delimiter);
    }
    fputc(')', file);
}

static void dump_acl(FILE *file, const struct wire_acl *acl)
{
    fputc(' ', file);
    dump_text(file, acl->mailbox);
    for (size_t i = 0; i < acl->count; i++) {
        fputc(' ', file);
        dump_text(file, acl->entries[i].identifier);
        fputc('=', file);
        dump_text(file, acl->entries[i].rights);
    }
}

static void dump_quota(FILE *file, const struct wire_quota *quota)
{
    fputc(' ', file);
    dump_text(file, quota->root);
    for (size_t i = 0; i < quota->count; i++)
        fprintf(file, " %.*s=%llu/%llu", (int)quota->resources[i].name.size,
                quota->resources[i].name.data, (unsigned long long)quota->resources[i].usage,
                (unsigned long long)quota->resources[i].limit);
}

void wire_dump(FILE *file, const struct wire_response *response)
{
    fputs(wire_kind_name(response->kind), file);
    switch (response->kind) {
    case WIRE_TAGGED:
        dump_named(file, "tag", response->tag);
        /* fall through */
    case WIRE_GREETING:
    case WIRE_STATUS:
    case WIRE_BYE:
        dump_status(file, &response->status);
        break;
    case WIRE_CAPABILITY:
    case WIRE_ENABLED:
    case WIRE_ID:
        dump_texts(file, &response->words);
        break;
    case WIRE_FLAGS:
        dump_flags(file, &response->flags);
        break;
    case WIRE_EXISTS:
    case WIRE_RECENT:
    case WIRE_EXPUNGE:
        fprintf(file, " %u", response->number);
        break;
    case WIRE_VANISHED:
        fputs(response->vanished.earlier ? " earlier " : " now ", file);
        dump_ranges(file, &response->vanished.uids);
        break;
    case WIRE_FETCH:
        dump_fetch(file, response->fetch);
        break;
    case WIRE_LIST:
    case WIRE_LSUB:
        dump_list(file, &response->list);
        break;
    case WIRE_MAILBOX_STATUS:
        dump_mailbox_status(file, &response->mailbox_status);
        break;
    case WIRE_SEARCH:
    case WIRE_SORT:
        fputc(' ', file);
        dump_ranges(file, &response->search.numbers);
        if (response->search.modseq)
            fprintf(file, " modseq=%llu", (unsigned long long)response->search.modseq);
        break;
    case WIRE_ESEARCH:
        dump_esearch(file, &response->esearch);
        break;
    case WIRE_NAMESPACE:
        dump_namespaces(file, &response->namespaces.personal);
        dump_namespaces(file, &response->namespaces.other_users);
        dump_namespaces(file, &response->namespaces.shared);
        break;
    case WIRE_ACL:
    case WIRE_MYRIGHTS:
        dump_acl(file, &response->acl);
        break;
    case WIRE_QUOTA:
        dump_quota(file, &response->quota);
        break;
    case WIRE_OTHER:
        dump_named(file, "name", response->name);
        /* fall through */
    case WIRE_CONTINUATION:
    case WIRE_MALFORMED:
        dump_named(file, "text", response->text);
        break;
    }
    fputc('\n', file);
}
