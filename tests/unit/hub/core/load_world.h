/* Two organisations at a hub, what they publish, and the load read from it: for load's tests. */
#pragma once

#include "hub/core/load.h"
#include "tests/unit/hub/core/pair_world.h"

struct load_query world_query(const struct fixture *fixture, enum load_view by);
struct load_page world_page(struct fixture *fixture, const struct load_query *query);
/* The only row of that view; by service, of the intake. */
struct load_row world_row(struct fixture *fixture, enum load_view by);
struct wait_bins world_bins(const uint32_t counts[7]);
struct service_figures world_service(const char *name, uint32_t open, uint32_t waiting);
void world_publish(struct world *world, const struct signal *signal);
void assert_interval(const struct load_count *count, int64_t low, int64_t high);
void world_set_status(struct world *world, uint32_t buddy_fte, uint32_t intake_fte);
void world_publish_all(struct world *world, int32_t day, uint32_t period_days, uint32_t queue);
