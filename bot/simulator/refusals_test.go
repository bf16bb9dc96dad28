package simulator_test

import "testing"

// TestRefusalsOfSendMessage holds what Telegram itself answered to calls that
// are wrong in one way each.
func TestRefusalsOfSendMessage(t *testing.T) {
	h := listening(t)
	h.noy.Start("")
	const parse = "400 Bad Request: can't parse entities: "
	entity := func(fields string) string { return `"text":"hello","entities":[{` + fields + `}]` }
	button := func(fields string) string {
		return `"text":"x","reply_markup":{"inline_keyboard":[[{` + fields + `}]]}`
	}
	keys := func(fields string) string { return `"text":"x","reply_markup":{"keyboard":[[{` + fields + `}]]}` }
	for _, c := range [][2]string{
		{`"text":"x","parse_mode":"INVALID"`, "400 Bad Request: unsupported parse_mode"},
		{`"text":"*unclosed","parse_mode":"Markdown"`, parse + "Can't find end of the entity starting at byte offset 0"},
		{`"text":"*unclosed","parse_mode":"MarkdownV2"`, parse + "Can't find end of Bold entity at byte offset 0"},
		{`"text":"*bold _italic\\_*","parse_mode":"MarkdownV2"`, parse + "Can't find end of Bold entity at byte offset 15"},
		{`"text":"test()","parse_mode":"MarkdownV2"`, parse + `Character '(' is reserved and must be escaped with the preceding '\'`},
		{`"text":"a>b","parse_mode":"MarkdownV2"`, parse + `Character '>' is reserved and must be escaped with the preceding '\'`},
		{`"text":"<b>unclosed","parse_mode":"HTML"`, parse + `Can't find end tag corresponding to start tag "b"`},
		{`"text":"<b><i>test</b></i>","parse_mode":"HTML"`, parse + `Unmatched end tag at byte offset 10, expected "</i>", found "</b>"`},
		{`"text":"<tg-emoji emoji-id=\"9999999999999999999\">x</tg-emoji>","parse_mode":"HTML"`, parse + "Invalid custom emoji identifier specified"},
		{entity(`"type":"bold","offset":100,"length":1`), "400 Bad Request: entity begins after the end of the text at UTF-16 offset 100"},
		{entity(`"type":"bold","offset":0,"length":100`), "400 Bad Request: entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 100"},
		{entity(`"type":"bold","offset":-1,"length":1`), "400 Bad Request: receive an entity with incorrect offset -1"},
		{entity(`"type":"nothing","offset":0,"length":1`), "400 Bad Request: can't parse MessageEntity: Unsupported type specified"},
		{entity(`"type":"text_link","offset":0,"length":5,"url":"not-a-url"`), "400 Bad Request: entity URL 'not-a-url' is invalid: Wrong HTTP URL"},
		{entity(`"type":"text_link","offset":0,"length":5,"url":""`), "400 Bad Request: entity URL '' is invalid: URL host is empty"},
		{entity(`"type":"text_link","offset":0,"length":5`), `400 Bad Request: can't parse MessageEntity: Can't find field "url"`},
		{entity(`"type":"text_mention","offset":0,"length":5`), `400 Bad Request: can't parse MessageEntity: Can't find field "user"`},
		{entity(`"type":"text_mention","offset":0,"length":5,"user":{"id":0}`), "400 Bad Request: user not found"},
		{entity(`"type":"custom_emoji","offset":0,"length":1`), `400 Bad Request: can't parse MessageEntity: Can't find field "custom_emoji_id"`},
		{entity(`"type":"custom_emoji","offset":0,"length":1,"custom_emoji_id":"9999999999999999999"`), `400 Bad Request: can't parse MessageEntity: Field "custom_emoji_id" must be a valid Number`},
		{`"text":"x","reply_parameters":{"quote":"x"}`, `400 Bad Request: can't find field "message_id"`},
		{`"text":"x","business_connection_id":"invalid"`, "400 Bad Request: business connection not found"},
		{`"text":"x","message_effect_id":"9999999999999999999"`, "400 Bad Request: EFFECT_ID_INVALID"},
		{`"text":"x","allow_paid_broadcast":true`, "400 Bad Request: FLOODSKIP_NOT_ALLOWED"},
		{`"text":"x","suggested_post_parameters":{}`, "400 Bad Request: suggested posts can be sent only to channel direct messages"},
		{`"text":"x","link_preview_options":{"url":"not-a-url"}`, "400 Bad Request: WEBPAGE_URL_INVALID"},
		{`"text":"x","link_preview_options":{"prefer_small_media":"yes"}`, `400 Bad Request: field "prefer_small_media" must be of type Boolean`},
		{`"text":"x","link_preview_options":{"is_disabled":"yes"}`, `400 Bad Request: field "is_disabled" must be of type Boolean`},
		{`"text":"x","reply_markup":{"force_reply":"yes"}`, `400 Bad Request: field "force_reply" must be of type Boolean`},
		{`"text":"x","reply_markup":{"remove_keyboard":"yes"}`, `400 Bad Request: field "remove_keyboard" must be of type Boolean`},
		{`"text":"x","reply_markup":{"inline_keyboard":"bad"}`, `400 Bad Request: field "inline_keyboard" must be of type Array`},
		{`"text":"x","reply_markup":{"keyboard":"bad"}`, `400 Bad Request: field "keyboard" must be of type Array`},
		{`"text":"x","reply_markup":{"keyboard":[["A"]],"selective":"yes"}`, `400 Bad Request: field "selective" must be of type Boolean`},
		{`"text":"x","reply_markup":{"keyboard":[["A"]],"resize_keyboard":"yes"}`, `400 Bad Request: field "resize_keyboard" must be of type Boolean`},
		{button(`"text":"a","url":"not-a-url"`), "400 Bad Request: inline keyboard button URL 'not-a-url' is invalid: Wrong HTTP URL"},
		{button(`"text":"a","url":"ftp://example.com"`), "400 Bad Request: inline keyboard button URL 'ftp://example.com' is invalid: Unsupported URL protocol"},
		{button(`"text":"a","callback_data":""`), "400 Bad Request: can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"},
		{button(`"callback_data":"x"`), `400 Bad Request: can't parse inline keyboard button: Can't find field "text"`},
		{button(`"text":"a","web_app":{"url":"bad"}`), "400 Bad Request: inline keyboard button Web App URL 'bad' is invalid: Only HTTPS links are allowed"},
		{button(`"text":"a","pay":true`), "400 Bad Request: BUTTON_TYPE_INVALID"},
		{button(`"text":"a","callback_game":{}`), "400 Bad Request: BUTTON_TYPE_INVALID"},
		{button(`"text":"a","copy_text":{"text":""}`), "400 Bad Request: BUTTON_COPY_TEXT_INVALID"},
		{button(`"text":"a","login_url":{"url":"https://example.com"}`), "400 Bad Request: BOT_DOMAIN_INVALID"},
		{button(`"text":"a","login_url":{"url":"https://example.com","bot_username":"nobody_bot"}`), `400 Bad Request: bot "nobody_bot" not found`},
		{keys(`"text":"a","request_chat":{"chat_is_channel":true}`), `400 Bad Request: can't parse keyboard button: Can't find field "request_id"`},
		{keys(`"text":"a","request_users":{"request_id":1,"max_quantity":999}`), "400 Bad Request: BUTTON_QUANTITY_MAX_INVALID"},
		{keys(`"text":"a","web_app":{"url":"http://example.com"}`), "400 Bad Request: keyboard button Web App URL 'http://example.com' is invalid: Only HTTPS links are allowed"},
	} {
		h.refused("sendMessage", `{"chat_id":42,`+c[0]+`}`, c[1])
	}
}
