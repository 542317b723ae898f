/* SPDX-License-Identifier: Apache-2.0 */
/* From the characters that libyaml's marks count to bytes; see yaml_reader.h. */
#include <string.h>

#include "data/yaml_reader.h"

void vcl_yaml_cursor_init(vcl_yaml_cursor *cursor, const char *text, size_t size)
{
    *cursor = (vcl_yaml_cursor){ .text = text, .size = size };
    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        cursor->byte = 3; /* a byte order mark counts for nothing */
}

size_t vcl_yaml_byte_of(vcl_yaml_cursor *cursor, size_t character)
{
    const char *text = cursor->text;

    while (cursor->character < character && cursor->byte < cursor->size) {
        cursor->byte++;
        while (cursor->byte < cursor->size && ((unsigned char)text[cursor->byte] & 0xc0) == 0x80)
            cursor->byte++;
        cursor->character++;
    }
    while (cursor->character > character && cursor->byte > 0) {
        cursor->byte--;
        while (cursor->byte > 0 && ((unsigned char)text[cursor->byte] & 0xc0) == 0x80)
            cursor->byte--;
        cursor->character--;
    }
    return cursor->byte;
}
