#include "supervision/command_masks.hpp"

#include "base/text.hpp"
#include "supervision/service.hpp"

#include <algorithm>
#include <array>

namespace saker::supervision {

namespace {

constexpr std::array forms = {
  command_form{"svstatus", 1},       command_form{"svstart", 1},
  command_form{"svstop", 1},         command_form{"svrestart", 1},
  command_form{"svtryrestart", 1},   command_form{"svdrop", 1},
  command_form{"svenable", 1},       command_form{"svdisable", 1},
  command_form{"svreset", 1},        command_form{"svreload", 1},
  command_form{"svpause", 1},        command_form{"svcont", 1},
  command_form{"svsignal", 2},       command_form{"svwait", 1, 1},
  command_form{"svscale", 1, 1},     command_form{"svwhy", 1, 1},
  command_form{"svconfig", 1, 1},    command_form{"svlife", 1, 1},
  command_form{"svlog", 1, 1},       command_form{"svrun", 1, 1},
  command_form{"svcheck", 1},        command_form{"svgstart", 1},
  command_form{"svgstop", 1},        command_form{"svgrestart", 1},
  command_form{"svgstatus", 1},      command_form{"svgmember", 1},
  command_form{"call", 1, 1, false}, command_form{"sysinfo", 1, 1, false},
};

} // namespace

const command_form* form_of(std::string_view command) noexcept {
  auto x = std::find_if(forms.begin(), forms.end(), [&](auto& y) {
    return equal_ignoring_case(y.name, command);
  });
  return x == forms.end() ? nullptr : &*x;
}

bool ends_masks(std::string_view word) {
  return is_command_word(word);
}

} // namespace saker::supervision
