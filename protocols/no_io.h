#pragma once
// Forced into every codec: they turn bytes into values and know of no I/O (CMakeLists.txt here).
#pragma GCC poison io_context awaitable
