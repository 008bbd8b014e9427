#include "shared/io/print_qr.h"

#include <errno.h>
#include <qrencode.h>
#include <stdio.h>
#include <string.h>

#include "shared/io/print_html.h"

enum { QUIET_MODULES = 4 };

/* One rectangle for each run of dark modules in a row: a tenth of one for each module. */
static void add_row(struct buf *out, const QRcode *code, int y) {
    const unsigned char *row = code->data + (size_t)y * (size_t)code->width;
    int x = 0;
    while (x < code->width) {
        int end = x;
        while (end < code->width && (row[end] & 1) != 0) {
            end++;
        }
        if (end > x) {
            char path[80];
            snprintf(path, sizeof(path), "M%d %dh%dv1h-%dz", x + QUIET_MODULES, y + QUIET_MODULES,
                     end - x, end - x);
            html_raw(out, path);
        }
        x = end > x ? end : x + 1;
    }
}

int qr_write(struct buf *out, const char *text, const char *label) {
    errno = 0;
    QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_H, QR_MODE_8, 1);
    if (code == NULL) {
        return errno == ENOMEM ? ERR_NO_MEMORY : ERR_MALFORMED;
    }
    char head[80];
    const int size = code->width + 2 * QUIET_MODULES;
    snprintf(head, sizeof(head), "<svg class=\"qr\" viewBox=\"0 0 %d %d\" role=\"img\"", size,
             size);
    html_raw(out, head);
    html_raw(out, " aria-label=\"");
    html_raw(out, label);
    html_raw(out, "\" shape-rendering=\"crispEdges\"><path d=\"");
    for (int y = 0; y < code->width; y++) {
        add_row(out, code, y);
    }
    html_raw(out, "\"/></svg>\n");
    /* The modules are the card's secret; the library's own working copies are out of our reach. */
    explicit_bzero(code->data, (size_t)code->width * (size_t)code->width);
    QRcode_free(code);
    return out->error;
}
