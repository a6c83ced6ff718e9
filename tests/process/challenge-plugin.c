/* Enhanced authentication for mosquitto (MQTT 5.0, 4.12), as its plugin: who names the method
 * "reversed" is asked twice, and is let in for sending each word back the other way round. */

#include <mosquitto.h>
#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>
#include <string.h>

static int ask(struct mosquitto_evt_extended_auth *event, const char *word) {
  event->data_out = mosquitto_strdup(word);
  event->data_out_len = strlen(word);
  return event->data_out ? MOSQ_ERR_AUTH_CONTINUE : MOSQ_ERR_NOMEM;
}

static bool has_said(const struct mosquitto_evt_extended_auth *event, const char *word) {
  return event->data_in_len == strlen(word) && !memcmp(event->data_in, word, event->data_in_len);
}

static int on_start(int type, void *data, void *user) {
  struct mosquitto_evt_extended_auth *event = data;
  if (strcmp(event->auth_method, "reversed")) return MOSQ_ERR_NOT_SUPPORTED;
  return ask(event, "power");
}

static int on_continue(int type, void *data, void *user) {
  if (has_said(data, "rewop")) return ask(data, "drawer");
  return has_said(data, "reward") ? MOSQ_ERR_SUCCESS : MOSQ_ERR_AUTH;
}

int mosquitto_plugin_version(int count, const int *versions) {
  for (int i = 0; i < count; i++) {
    if (versions[i] == 5) return 5;
  }
  return -1;
}

int mosquitto_plugin_init(mosquitto_plugin_id_t *plugin, void **user,
                          struct mosquitto_opt *options, int count) {
  int result = mosquitto_callback_register(plugin, MOSQ_EVT_EXT_AUTH_START, on_start, NULL, NULL);
  if (result) return result;
  return mosquitto_callback_register(plugin, MOSQ_EVT_EXT_AUTH_CONTINUE, on_continue, NULL, NULL);
}

int mosquitto_plugin_cleanup(void *user, struct mosquitto_opt *options, int count) {
  return MOSQ_ERR_SUCCESS;
}
