#pragma once

namespace cellwarden {

/// Gives back to the system what only the start needed: freed heap, and pages of programs and libraries that were read
/// to link and set them up. Half of the resident memory of a service that then runs for months. What is needed again
/// comes back by itself.
void give_back_start_memory();

}  // namespace cellwarden
