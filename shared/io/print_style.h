/* The styles of the printed pages. Black on white, no colour that carries a meaning, sizes in print
 * units; the same file is readable on a screen. Fonts are those of the reader's machine: the list
 * names what Windows, macOS, Android and Debian have for Arabic and Ethiopic script. */
#pragma once

#define PRINT_STYLE_COMMON                                                                         \
    "*{box-sizing:border-box}\n"                                                                   \
    "body{margin:0;color:#000;background:#fff;font-family:\"Segoe UI\",\"Noto Sans\","             \
    "\"Helvetica Neue\",Arial,\"Liberation Sans\",\"DejaVu Sans Condensed\","                      \
    "\"DejaVu Sans\",\"Noto Sans Arabic\","                                                        \
    "\"Geeza Pro\",Ebrima,Nyala,Kefa,\"Noto Sans Ethiopic\",\"Abyssinica SIL\",sans-serif}\n"      \
    "h1,h2,p{margin:0;font-weight:400}\n"                                                          \
    "h1,h2,b{font-weight:700}\n"                                                                   \
    "svg{display:block;width:100%;height:100%}\n"                                                  \
    ".row{display:table;width:100%;table-layout:fixed;break-inside:avoid}\n"                       \
    ".cell,.mark{display:table-cell;vertical-align:middle}\n"                                      \
    "[dir=rtl]{direction:rtl;text-align:right}\n"                                                  \
    "[dir=ltr]{direction:ltr;text-align:left}\n"                                                   \
    "bdi{unicode-bidi:isolate;font-weight:600;overflow-wrap:anywhere}\n"                           \
    "bdi[dir=ltr]{display:inline-block;max-width:100%}\n"                                          \
    ".fill{display:inline-block;width:34mm;height:1.1em;border-bottom:.6pt solid #000}\n"          \
    ".draft .cell{border:.8pt dashed #000;padding:.6mm 1.5mm}\n"

#define PRINT_STYLE_CARD                                                                           \
    PRINT_STYLE_COMMON                                                                             \
    "@page{size:148mm 210mm;margin:6mm 7.5mm}\n"                                                   \
    "body{font-size:11pt;line-height:1.19}\n"                                                      \
    ".side{break-after:page}\n"                                                                    \
    ".side:last-child{break-after:auto}\n"                                                         \
    "h1{font-size:16pt;line-height:1.1}\n"                                                         \
    "h2{font-size:1.08em;line-height:1.15}\n"                                                      \
    ".row{margin:0 0 1.1mm}\n"                                                                     \
    ".one{font-size:1.09em;margin-bottom:1.8mm}\n"                                                 \
    ".cell:first-child{width:45mm;font-size:.73em}\n"                                              \
    "h1.cell:first-child{font-size:13pt}\n"                                                        \
    "h2.cell:first-child{font-size:.82em}\n"                                                       \
    ".mark{width:10.4mm;padding:0 1.5mm;height:7.4mm}\n"                                           \
    ".mark svg{width:7.4mm;height:7.4mm}\n"                                                        \
    ".heading{margin:1.8mm 0 1.2mm;border-bottom:1pt solid #000}\n"                                \
    ".heading .cell{padding-bottom:.6mm;vertical-align:bottom}\n"                                  \
    ".heading .mark,.plain .mark,.draft .mark{height:auto}\n"                                      \
    ".plain .cell{vertical-align:top}\n"                                                           \
    ".title{margin:0 0 1.6mm}\n"                                                                   \
    ".draft{margin:0 0 1.6mm}\n"                                                                   \
    ".draft .cell{font-size:8pt;line-height:1.1}\n"                                                \
    ".draft .cell:first-child{font-size:7pt}\n"                                                    \
    ".key{display:table;width:100%;border:1.6pt solid #000;border-radius:2.5mm;margin:0 0 2mm}\n"  \
    ".key .half{display:table-cell;vertical-align:middle;padding:1mm 3mm 1mm 0}\n"                 \
    ".key .square{display:table-cell;vertical-align:middle;width:40mm;padding:1mm}\n"              \
    ".qr{width:38mm;height:38mm}\n"                                                                \
    ".code{direction:ltr;unicode-bidi:isolate;text-align:left;white-space:nowrap;"                 \
    "font:700 19pt/1.35 Consolas,\"DejaVu Sans Mono\",Menlo,\"Courier New\",monospace}\n"          \
    ".code span{display:block}\n"                                                                  \
    ".until{border-top:.8pt solid #000;margin-top:1.2mm;padding-top:1.2mm}\n"                      \
    ".until .row{display:block;margin:0}\n"                                                        \
    ".until .mark{display:none}\n"                                                                 \
    ".until .cell{display:block;width:auto;font-size:1em;line-height:1.3}\n"                       \
    ".until .cell:first-child{width:auto;font-size:.82em}\n"                                       \
    ".foot{border-top:1pt solid #000;margin-top:2.2mm;padding-top:1.4mm}\n"                        \
    ".blank h1{font-size:13.5pt}\n"                                                                \
    ".blank h1.cell:first-child{font-size:11pt}\n"                                                 \
    ".blank .row{margin-bottom:.9mm}\n"                                                            \
    ".long{font-size:10.1pt}\n"                                                                    \
    ".longer{font-size:9pt;line-height:1.17}\n"                                                    \
    ".longest{font-size:7.4pt;line-height:1.15}\n"                                                 \
    ".longer .cell:first-child,.longest .cell:first-child{width:50mm;font-size:.8em}\n"            \
    ".longer .row,.longest .row{margin-bottom:.9mm}\n"                                             \
    "@media screen{.side{width:148mm;margin:8mm auto;padding:6mm 7.5mm;border:1px solid #999}}\n"

#define PRINT_STYLE_SCRIPT                                                                         \
    PRINT_STYLE_COMMON                                                                             \
    "@page{size:A4;margin:14mm 15mm}\n"                                                            \
    "body{font-size:11pt;line-height:1.3}\n"                                                       \
    "h1{font-size:18pt;line-height:1.2}\n"                                                         \
    "h2{font-size:12pt;line-height:1.25}\n"                                                        \
    ".mark{width:12mm;padding:0 2.5mm}\n"                                                          \
    ".mark svg{width:7mm;height:7mm}\n"                                                            \
    ".row{margin:0 0 2mm}\n"                                                                       \
    ".cell{vertical-align:top}\n"                                                                  \
    ".heading{margin:5mm 0 2mm;border-bottom:1pt solid #000;break-after:avoid}\n"                  \
    ".heading .cell{padding-bottom:1mm;vertical-align:bottom}\n"                                   \
    ".together{break-inside:avoid;margin:0 0 4mm}\n"                                               \
    ".question .cell,.question .mark{vertical-align:middle}\n"                                     \
    ".ask .cell{font-weight:700}\n"                                                                \
    ".aside .cell{font-style:italic;border-left:2pt solid #000;padding-left:2.5mm}\n"              \
    ".note .cell{border:.8pt dashed #000;padding:1.5mm 2mm}\n"                                     \
    ".box{display:inline-block;width:4mm;height:4mm;border:1pt solid #000;"                        \
    "margin:0 2mm -.6mm 0}\n"                                                                      \
    ".answer{display:inline-block;margin-right:12mm}\n"                                            \
    "@media screen{body{max-width:190mm;margin:8mm auto;padding:0 5mm}}\n"
