/* conf/ini_file.c - a file of [sections] with NAME=VALUE lines */
#include "conf/ini_file.h"

#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
    const char *rest; /* of the text */
    struct ini_file *file;
    HRESULT hr;
    int line, long_line; /* 0: none was too long */
};

/* inih's fgets. It would take the rest of a line that is too long for another line. */
static char *next_line(char *line, int size, void *stream)
{
    struct reading *reading = stream;
    size_t length = strcspn(reading->rest, "\n");

    if (!*reading->rest)
        return NULL;
    reading->line++;
    if (length > (size_t)size - 2) {
        if (!reading->long_line)
            reading->long_line = reading->line;
        line[0] = '\0';
    } else {
        memcpy(line, reading->rest, length);
        line[length] = '\0';
    }
    reading->rest += length + (reading->rest[length] == '\n');
    return line;
}

static int take_entry(void *user, const char *section, const char *name, const char *value)
{
    struct reading *reading = user;
    struct ini_file *file = reading->file;
    size_t section_size = strlen(section) + 1, name_size = strlen(name) + 1,
           value_size = strlen(value) + 1;
    char *text;

    if (file->count >= INI_ENTRIES_MAX)
        return 0;
    text = malloc(section_size + name_size + value_size);
    if (!text) {
        reading->hr = MAPI_E_NOT_ENOUGH_MEMORY;
        return 0;
    }
    file->entries[file->count++] = (struct ini_entry){
        .section = memcpy(text, section, section_size),
        .name = memcpy(text + section_size, name, name_size),
        .value = memcpy(text + section_size + name_size, value, value_size),
    };
    return 1;
}

HRESULT ini_file_parse(const char *text, struct ini_file *ret_file, int *ret_line)
{
    struct reading reading = {.rest = text, .file = ret_file, .hr = S_OK};
    int line;

    *ret_line = 0;
    ret_file->count = 0;
    ret_file->entries = calloc(INI_ENTRIES_MAX, sizeof(*ret_file->entries));
    if (!ret_file->entries)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    line = ini_parse_stream(next_line, &reading, take_entry, &reading);
    if (SUCCEEDED(reading.hr) && (line || reading.long_line)) {
        reading.hr = MAPI_E_CORRUPT_DATA;
        *ret_line =
            line && (!reading.long_line || line < reading.long_line) ? line : reading.long_line;
    }
    if (FAILED(reading.hr))
        ini_file_clear(ret_file);
    return reading.hr;
}

static HRESULT read_text(FILE *stream, char **ret_text)
{
    char *text = malloc(INI_FILE_MAX + 1);
    size_t size = text ? fread(text, 1, INI_FILE_MAX + 1, stream) : 0;

    if (!text)
        return MAPI_E_NOT_ENOUGH_MEMORY;
    if (ferror(stream) || size > INI_FILE_MAX || memchr(text, '\0', size)) {
        free(text);
        return ferror(stream) ? MAPI_E_NOT_FOUND : MAPI_E_CORRUPT_DATA;
    }
    text[size] = '\0';
    *ret_text = text;
    return S_OK;
}

HRESULT ini_file_read(const char *path, struct ini_file *ret_file, int *ret_line)
{
    FILE *stream = fopen(path, "re");
    char *text;
    HRESULT hr;

    *ret_line = 0;
    if (!stream)
        return MAPI_E_NOT_FOUND;
    hr = read_text(stream, &text);
    fclose(stream);
    if (FAILED(hr))
        return hr;
    hr = ini_file_parse(text, ret_file, ret_line);
    free(text);
    return hr;
}

void ini_file_clear(struct ini_file *file)
{
    for (size_t i = 0; i < file->count; i++)
        free((void *)file->entries[i].section);
    free(file->entries);
    *file = (struct ini_file){0};
}
