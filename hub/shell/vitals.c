#include "hub/shell/vitals.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct vitals {
    pthread_mutex_t lock;
    struct vitals_view view;
    uint64_t turns_us[VITALS_TURNS];
    uint64_t turn_count;
    uint64_t turn_us_sum;
};

int vitals_new(struct vitals **ret) {
    struct vitals *vitals = calloc(1, sizeof(*vitals));
    if (vitals == NULL) {
        return ERR_NO_MEMORY;
    }
    pthread_mutex_init(&vitals->lock, NULL);
    *ret = vitals;
    return 0;
}

void vitals_free(struct vitals *vitals) {
    if (vitals != NULL) {
        pthread_mutex_destroy(&vitals->lock);
        free(vitals);
    }
}

void vitals_turn(struct vitals *vitals, uint64_t took_us) {
    pthread_mutex_lock(&vitals->lock);
    vitals->turns_us[vitals->turn_count % VITALS_TURNS] = took_us;
    vitals->turn_count++;
    vitals->turn_us_sum += took_us;
    pthread_mutex_unlock(&vitals->lock);
}

void vitals_set(struct vitals *vitals, const struct vitals_view *view) {
    pthread_mutex_lock(&vitals->lock);
    vitals->view = *view;
    pthread_mutex_unlock(&vitals->lock);
}

static int compare(const void *a, const void *b) {
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

uint64_t vitals_percentile(uint64_t *values, size_t count, unsigned percent) {
    if (count == 0) {
        return 0;
    }
    qsort(values, count, sizeof(values[0]), compare);
    size_t rank = (count * percent + 99) / 100;
    return values[rank == 0 ? 0 : rank - 1];
}

void vitals_get(struct vitals *vitals, struct vitals_view *ret) {
    uint64_t turns_us[VITALS_TURNS];
    pthread_mutex_lock(&vitals->lock);
    *ret = vitals->view;
    ret->turn_count = vitals->turn_count;
    ret->turn_us_sum = vitals->turn_us_sum;
    memcpy(turns_us, vitals->turns_us, sizeof(turns_us));
    pthread_mutex_unlock(&vitals->lock);
    size_t count = ret->turn_count < VITALS_TURNS ? (size_t)ret->turn_count : VITALS_TURNS;
    ret->turn_p50_us = vitals_percentile(turns_us, count, 50);
    ret->turn_p99_us = vitals_percentile(turns_us, count, 99);
}
