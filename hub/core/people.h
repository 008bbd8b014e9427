/* Who may give which command to a hub: one table, default deny. Who they are is in
 * shared/turn/people.h. The shell asks before it looks at arguments, the core decides. */
#pragma once

#include "hub/core/commands.h"

bool people_may(enum role role, enum hub_command command);
