#pragma once

namespace saker::cli {

/// What `saker` ends with, as docs and service managers know it.
enum exit_status : int {
  fine = 0,
  not_so = 1, ///< something asked for is not running, failed or was refused
  usage = 2,
  no_connection = 3, ///< no Saker answers there, or it does not let us in
  our_bug = 70,
  wrong_configuration = 78,
};

} // namespace saker::cli
