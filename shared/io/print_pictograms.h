/* Our own pictograms: black lines on a 24 x 24 field, made to be told apart at 6 mm on a laser
 * printer. They stand beside words, so they are hidden from screen readers. */
#pragma once

#define PICTOGRAM(shapes)                                                                          \
    "<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\" fill=\"none\" stroke=\"#000\" "               \
    "stroke-width=\"1.6\" stroke-linecap=\"round\" stroke-linejoin=\"round\">" shapes "</svg>"

/* Three people under one roof: who supports us. */
#define PICTOGRAM_SUPPORT                                                                          \
    PICTOGRAM("<path d=\"M2 10.5 12 3l10 7.5\"/><circle cx=\"12\" cy=\"11\" r=\"2\"/>"             \
              "<path d=\"M8.5 20v-2a3.5 3.5 0 0 1 7 0v2\"/><circle cx=\"5\" cy=\"14\" r=\"1.5\"/>" \
              "<path d=\"M2.5 20v-.8a2.5 2.5 0 0 1 3.6-2.2\"/>"                                    \
              "<circle cx=\"19\" cy=\"14\" r=\"1.5\"/>"                                            \
              "<path d=\"M21.5 20v-.8a2.5 2.5 0 0 0-3.6-2.2\"/>")
/* An eye: who looked. */
#define PICTOGRAM_LOOKED                                                                           \
    PICTOGRAM("<path d=\"M2 12c2.6-4.4 6-6.5 10-6.5s7.4 2.1 10 6.5c-2.6 4.4-6 6.5-10 "             \
              "6.5S4.6 16.4 2 12z\"/><circle cx=\"12\" cy=\"12\" r=\"3\" fill=\"#000\"/>")
/* One person, and the empty places of two others: nobody helps. */
#define PICTOGRAM_NOBODY                                                                           \
    PICTOGRAM(                                                                                     \
        "<circle cx=\"12\" cy=\"7\" r=\"2.6\" fill=\"#000\"/>"                                     \
        "<path d=\"M7 20v-3a5 5 0 0 1 10 0v3z\" fill=\"#000\"/>"                                   \
        "<g stroke-width=\"1.3\" stroke-dasharray=\"1.3 2.2\">"                                    \
        "<circle cx=\"4\" cy=\"10\" r=\"1.9\"/><path d=\"M1.5 20v-2.5a3 3 0 0 1 3-3\"/>"           \
        "<circle cx=\"20\" cy=\"10\" r=\"1.9\"/><path d=\"M22.5 20v-2.5a3 3 0 0 0-3-3\"/></g>")
/* The road sign's octagon with a hand's bar: stop. */
#define PICTOGRAM_STOP                                                                             \
    PICTOGRAM("<path d=\"M8.1 2.5h7.8l5.6 5.6v7.8l-5.6 5.6H8.1l-5.6-5.6V8.1z\"/>"                  \
              "<path d=\"M7 12h10\" stroke-width=\"3.2\"/>")
/* Two balloons that speak with different signs: an interpreter. */
#define PICTOGRAM_INTERPRETER                                                                      \
    PICTOGRAM("<path d=\"M3.5 3h9A1.5 1.5 0 0 1 14 4.5v5a1.5 1.5 0 0 1-1.5 1.5H7l-3 "              \
              "2.8V11h-.5A1.5 1.5 0 0 1 2 9.5v-5A1.5 1.5 0 0 1 3.5 3z\"/>"                         \
              "<path d=\"M5.2 7h.01M8 7h.01M10.8 7h.01\" stroke-width=\"2\"/>"                     \
              "<path d=\"M17 9.5h3.5A1.5 1.5 0 0 1 22 11v6a1.5 1.5 0 0 1-1.5 1.5H20v2.8l-3-2.8"    \
              "h-5.5A1.5 1.5 0 0 1 10 17v-3\"/><path d=\"M13 15.5c1-1.6 2-1.6 3 0s2 1.6 3 0\"/>")
/* A calendar leaf: the date. */
#define PICTOGRAM_DATE                                                                             \
    PICTOGRAM("<rect x=\"3\" y=\"4.5\" width=\"18\" height=\"16.5\" rx=\"1.5\"/>"                  \
              "<path d=\"M3 9.5h18M8 2.5v4M16 2.5v4\"/>"                                           \
              "<path d=\"M8 15.2l2.8 2.8 5.2-5.5\" stroke-width=\"2\"/>")
/* A padlock: keep safe. */
#define PICTOGRAM_SAFE                                                                             \
    PICTOGRAM("<rect x=\"4.5\" y=\"10.5\" width=\"15\" height=\"10.5\" rx=\"1.5\"/>"               \
              "<path d=\"M8 10.5V7a4 4 0 0 1 8 0v3.5\"/>"                                          \
              "<path d=\"M12 14.5v2.5\" stroke-width=\"2.4\"/>")
/* A card with a question: lost. */
#define PICTOGRAM_LOST                                                                             \
    PICTOGRAM("<rect x=\"2\" y=\"5\" width=\"20\" height=\"14\" rx=\"1.5\" "                       \
              "stroke-dasharray=\"3 2.2\"/><path d=\"M9.8 10.2a2.3 2.3 0 1 1 3.4 2c-.8.4-1.2"      \
              ".9-1.2 1.7\"/><path d=\"M12 16.2h.01\" stroke-width=\"2\"/>")
/* A name tag, struck out: no name. */
#define PICTOGRAM_NO_NAME                                                                          \
    PICTOGRAM("<rect x=\"2\" y=\"6\" width=\"20\" height=\"12\" rx=\"1.5\"/>"                      \
              "<circle cx=\"7.5\" cy=\"11\" r=\"1.7\"/><path d=\"M4.8 15.2a2.8 2.8 0 0 1 5.4 "     \
              "0M13 10.5h6M13 13.5h6\"/><path d=\"M3 21.5 21 2.5\" stroke-width=\"2.2\"/>")
/* A magnifying glass, struck out: never to check on people. */
#define PICTOGRAM_NO_CONTROL                                                                       \
    PICTOGRAM("<circle cx=\"10\" cy=\"10\" r=\"6\"/><path d=\"M14.5 14.5 20.5 20.5\" "             \
              "stroke-width=\"2.4\"/><path d=\"M3 21.5 21 2.5\" stroke-width=\"2.2\"/>")
/* Two hands' worth of heart: help is there without a card. */
#define PICTOGRAM_HELP                                                                             \
    PICTOGRAM("<path d=\"M12 20.5C6 16.2 2.5 12.8 2.5 8.7A4.9 4.9 0 0 1 12 6.6a4.9 4.9 0 0 1 "     \
              "9.5 2.1c0 4.1-3.5 7.5-9.5 11.8z\"/>")
/* A house with an open door: the new home. */
#define PICTOGRAM_HOME                                                                             \
    PICTOGRAM("<path d=\"M2.5 11.5 12 3.5l9.5 8M5 10v10.5h14V10\"/><path d=\"M10 20.5v-6h4v6\"/>")
/* A telephone. */
#define PICTOGRAM_CALL                                                                             \
    PICTOGRAM("<path d=\"M6.5 3H4.5A1.5 1.5 0 0 0 3 4.6C3.6 13.2 10.8 20.4 19.4 21a1.5 "           \
              "1.5 0 0 0 1.6-1.5v-2.9l-4.5-1.8-2 2.2c-2.9-1.5-5-3.6-6.5-6.5l2.2-2L8.4 "            \
              "4a1.5 1.5 0 0 0-1.4-1z\"/>")
/* A disc with a tick, and an empty one: agreed or not. */
#define PICTOGRAM_GIVEN                                                                            \
    PICTOGRAM("<circle cx=\"12\" cy=\"12\" r=\"9.5\" fill=\"#000\"/>"                              \
              "<path d=\"M7.5 12.5l3.2 3.2 6-7\" stroke=\"#fff\" stroke-width=\"2.4\"/>")
#define PICTOGRAM_NOT_GIVEN                                                                        \
    PICTOGRAM("<circle cx=\"12\" cy=\"12\" r=\"9.5\"/><path d=\"M8 12h8\" stroke-width=\"2\"/>")
