#pragma once

#include <lua.hpp>

/// Each adds the functions of its family to the table `saker`, which is on top
/// of the stack. [-0, +0]
namespace saker::lua {

void add_adopt_functions(lua_State* L);    ///< adopt
void add_exec_functions(lua_State* L);     ///< exec popen
void add_file_functions(lua_State* L);     ///< cd cp fileinfo isdir … walk
void add_message_functions(lua_State* L);  ///< call event log publish subscribe
void add_process_functions(lua_State* L);  ///< kill pidof
void add_register_functions(lua_State* L); ///< register unregister
void add_service_functions(lua_State* L);  ///< service services
void add_system_functions(lua_State* L);   ///< getuid metric osname …
void add_text_functions(lua_State* L);     ///< md5 uuid
void add_time_functions(lua_State* L);     ///< after cron every sleep

} // namespace saker::lua
