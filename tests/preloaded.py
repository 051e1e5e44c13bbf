"""What processes of tests work with; imported once, by the process that all of them are forked from.

Nothing here may start a thread or open a database.
"""

import console.sync
import console.work  # noqa: F401
import tests.fakes.splice_process
import tests.integration.hub.drain_process
import tests.integration.hub.judging_process
import tests.integration.hub.sender_process
import tests.integration.storage.page_writer
import tests.kill.leading_process
import tests.kill.warmed_up  # noqa: F401
