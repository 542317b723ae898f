#include "net/websocket_end.h"
void vcl_websocket_end_all(vcl_http *http) { (void)http; }
