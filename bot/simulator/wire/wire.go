// Package wire holds the objects of the Bot API as they travel in JSON.
//
// They are written from the API's description, not taken from a client
// library, so that the simulator does not repeat a client's mistakes.
//
// https://core.telegram.org/bots/api#available-types
package wire

import "encoding/json"

// A User is a person or a bot as the API tells of them.
type User struct {
	ID           int64  `json:"id"`
	IsBot        bool   `json:"is_bot"`
	FirstName    string `json:"first_name"`
	LastName     string `json:"last_name,omitempty"`
	Username     string `json:"username,omitempty"`
	LanguageCode string `json:"language_code,omitempty"`
}

// A Chat names the place of a message. Type is private, group or supergroup.
type Chat struct {
	ID        int64  `json:"id"`
	Title     string `json:"title,omitempty"`
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	Username  string `json:"username,omitempty"`
	Type      string `json:"type"`
	IsForum   bool   `json:"is_forum,omitempty"`
}

// An Entity marks a part of a text. Offset and Length count UTF-16 code units.
type Entity struct {
	Type          string `json:"type"`
	Offset        int    `json:"offset"`
	Length        int    `json:"length"`
	URL           string `json:"url,omitempty"`
	User          *User  `json:"user,omitempty"`
	Language      string `json:"language,omitempty"`
	CustomEmojiID string `json:"custom_emoji_id,omitempty"`
}

// A PhotoSize is one size of a photo; the last of a message's is the largest.
type PhotoSize struct {
	FileID       string `json:"file_id"`
	FileUniqueID string `json:"file_unique_id"`
	FileSize     int64  `json:"file_size,omitempty"`
	Width        int    `json:"width"`
	Height       int    `json:"height"`
}

// A Media is any file of a message but a photo: document, voice, audio, video,
// animation, video note or sticker. Fields that its kind lacks are empty.
type Media struct {
	Duration     *int       `json:"duration,omitempty"`
	Width        int        `json:"width,omitempty"`
	Height       int        `json:"height,omitempty"`
	Length       int        `json:"length,omitempty"`
	Performer    string     `json:"performer,omitempty"`
	Title        string     `json:"title,omitempty"`
	FileName     string     `json:"file_name,omitempty"`
	MimeType     string     `json:"mime_type,omitempty"`
	Thumbnail    *PhotoSize `json:"thumbnail,omitempty"`
	FileID       string     `json:"file_id"`
	FileUniqueID string     `json:"file_unique_id"`
	FileSize     int64      `json:"file_size,omitempty"`
}

// A Location is a point on Earth, in degrees (WGS 84); accuracy is in metres.
type Location struct {
	Latitude           float64 `json:"latitude"`
	Longitude          float64 `json:"longitude"`
	HorizontalAccuracy float64 `json:"horizontal_accuracy,omitempty"`
	LivePeriod         int     `json:"live_period,omitempty"`
	// Heading and ProximityAlertRadius are of a place that is shared live.
	Heading              int `json:"heading,omitempty"`
	ProximityAlertRadius int `json:"proximity_alert_radius,omitempty"`
}

// A Venue is a place with a name.
type Venue struct {
	Location Location `json:"location"`
	Title    string   `json:"title"`
	Address  string   `json:"address"`

	FoursquareID    string `json:"foursquare_id,omitempty"`
	FoursquareType  string `json:"foursquare_type,omitempty"`
	GooglePlaceID   string `json:"google_place_id,omitempty"`
	GooglePlaceType string `json:"google_place_type,omitempty"`
}

// A Contact is a shared phone number. UserID is 0 if it is not an account's.
type Contact struct {
	PhoneNumber string `json:"phone_number"`
	FirstName   string `json:"first_name"`
	LastName    string `json:"last_name,omitempty"`
	UserID      int64  `json:"user_id,omitempty"`
	VCard       string `json:"vcard,omitempty"`
}

// An Origin tells where a forwarded message came from.
type Origin struct {
	Type       string `json:"type"`
	Date       int64  `json:"date"`
	SenderUser *User  `json:"sender_user,omitempty"`
}

// A Quote is the part of a message that a reply answers.
type Quote struct {
	Text     string   `json:"text"`
	Entities []Entity `json:"entities,omitempty"`
	Position int      `json:"position"`
	IsManual bool     `json:"is_manual,omitempty"`
}

// A LinkPreview says how a preview of a link was asked to be shown.
type LinkPreview struct {
	IsDisabled       bool   `json:"is_disabled,omitempty"`
	URL              string `json:"url,omitempty"`
	PreferSmallMedia bool   `json:"prefer_small_media,omitempty"`
	PreferLargeMedia bool   `json:"prefer_large_media,omitempty"`
	ShowAboveText    bool   `json:"show_above_text,omitempty"`
}

// A Message is one message of a chat.
type Message struct {
	MessageID          int           `json:"message_id"`
	MessageThreadID    int           `json:"message_thread_id,omitempty"`
	IsTopicMessage     bool          `json:"is_topic_message,omitempty"`
	From               *User         `json:"from,omitempty"`
	Chat               Chat          `json:"chat"`
	Date               int64         `json:"date"`
	EditDate           int64         `json:"edit_date,omitempty"`
	ForwardOrigin      *Origin       `json:"forward_origin,omitempty"`
	ReplyToMessage     *Message      `json:"reply_to_message,omitempty"`
	Quote              *Quote        `json:"quote,omitempty"`
	HasProtected       bool          `json:"has_protected_content,omitempty"`
	EffectID           string        `json:"effect_id,omitempty"`
	MediaGroupID       string        `json:"media_group_id,omitempty"`
	Text               string        `json:"text,omitempty"`
	Entities           []Entity      `json:"entities,omitempty"`
	LinkPreviewOptions *LinkPreview  `json:"link_preview_options,omitempty"`
	Animation          *Media        `json:"animation,omitempty"`
	Audio              *Media        `json:"audio,omitempty"`
	Document           *Media        `json:"document,omitempty"`
	Photo              []PhotoSize   `json:"photo,omitempty"`
	Sticker            *Media        `json:"sticker,omitempty"`
	Video              *Media        `json:"video,omitempty"`
	VideoNote          *Media        `json:"video_note,omitempty"`
	Voice              *Media        `json:"voice,omitempty"`
	Caption            string        `json:"caption,omitempty"`
	CaptionEntities    []Entity      `json:"caption_entities,omitempty"`
	ShowCaptionAbove   bool          `json:"show_caption_above_media,omitempty"`
	HasMediaSpoiler    bool          `json:"has_media_spoiler,omitempty"`
	Contact            *Contact      `json:"contact,omitempty"`
	Dice               *Dice         `json:"dice,omitempty"`
	Poll               *Poll         `json:"poll,omitempty"`
	Venue              *Venue        `json:"venue,omitempty"`
	Location           *Location     `json:"location,omitempty"`
	NewChatMembers     []User        `json:"new_chat_members,omitempty"`
	LeftChatMember     *User         `json:"left_chat_member,omitempty"`
	NewChatTitle       string        `json:"new_chat_title,omitempty"`
	GroupChatCreated   bool          `json:"group_chat_created,omitempty"`
	SupergroupCreated  bool          `json:"supergroup_chat_created,omitempty"`
	MigrateToChatID    int64         `json:"migrate_to_chat_id,omitempty"`
	MigrateFromChatID  int64         `json:"migrate_from_chat_id,omitempty"`
	PinnedMessage      *Message      `json:"pinned_message,omitempty"`
	TopicCreated       *TopicCreated `json:"forum_topic_created,omitempty"`
	TopicEdited        *TopicEdited  `json:"forum_topic_edited,omitempty"`
	TopicClosed        *Empty        `json:"forum_topic_closed,omitempty"`
	TopicReopened      *Empty        `json:"forum_topic_reopened,omitempty"`
	GeneralHidden      *Empty        `json:"general_forum_topic_hidden,omitempty"`
	GeneralUnhidden    *Empty        `json:"general_forum_topic_unhidden,omitempty"`
	WebAppData         *WebAppData   `json:"web_app_data,omitempty"`
	ReplyMarkup        *InlineMarkup `json:"reply_markup,omitempty"`
}

// A Dice is an emoji that shows a random value.
type Dice struct {
	Emoji string `json:"emoji"`
	Value int    `json:"value"`
}

// A Poll is a question with options that people vote for.
type Poll struct {
	ID                  string       `json:"id"`
	Question            string       `json:"question"`
	QuestionEntities    []Entity     `json:"question_entities,omitempty"`
	Options             []PollOption `json:"options"`
	TotalVoterCount     int          `json:"total_voter_count"`
	IsClosed            bool         `json:"is_closed"`
	IsAnonymous         bool         `json:"is_anonymous"`
	Type                string       `json:"type"`
	AllowsMultiple      bool         `json:"allows_multiple_answers"`
	AllowsRevoting      bool         `json:"allows_revoting"`
	MembersOnly         bool         `json:"members_only"`
	CorrectOptionIDs    []int        `json:"correct_option_ids,omitempty"`
	Explanation         string       `json:"explanation,omitempty"`
	ExplanationEntities []Entity     `json:"explanation_entities,omitempty"`
	OpenPeriod          int          `json:"open_period,omitempty"`
	CloseDate           int64        `json:"close_date,omitempty"`
	Description         string       `json:"description,omitempty"`
	DescriptionEntities []Entity     `json:"description_entities,omitempty"`
}

// A PollOption is one answer to a poll.
type PollOption struct {
	PersistentID string   `json:"persistent_id"`
	Text         string   `json:"text"`
	TextEntities []Entity `json:"text_entities,omitempty"`
	VoterCount   int      `json:"voter_count"`
}

// A PollAnswer tells how a person voted in a poll that is not anonymous; no
// options mean that they took their vote back.
type PollAnswer struct {
	PollID              string   `json:"poll_id"`
	User                User     `json:"user"`
	OptionIDs           []int    `json:"option_ids"`
	OptionPersistentIDs []string `json:"option_persistent_ids"`
}

// A Topic is a topic of a forum.
type Topic struct {
	MessageThreadID   int    `json:"message_thread_id"`
	Name              string `json:"name"`
	IconColor         int    `json:"icon_color"`
	IconCustomEmojiID string `json:"icon_custom_emoji_id,omitempty"`
}

// A TopicCreated is the first message of a topic.
type TopicCreated struct {
	Name              string `json:"name"`
	IconColor         int    `json:"icon_color"`
	IconCustomEmojiID string `json:"icon_custom_emoji_id,omitempty"`
}

// A TopicEdited tells what of a topic was changed. An icon that is empty, but
// there, was taken away.
type TopicEdited struct {
	Name              string  `json:"name,omitempty"`
	IconCustomEmojiID *string `json:"icon_custom_emoji_id,omitempty"`
}

// An Empty is an object that says all by being there.
type Empty struct{}

// WebAppData is what a Web App sent; no server checked it.
type WebAppData struct {
	Data       string `json:"data"`
	ButtonText string `json:"button_text"`
}

// An InlineMarkup is the keyboard beneath a message.
type InlineMarkup struct {
	InlineKeyboard [][]InlineButton `json:"inline_keyboard"`
}

// An InlineButton is a button beneath a message; one of its actions is set.
type InlineButton struct {
	Text                         string    `json:"text"`
	IconCustomEmojiID            string    `json:"icon_custom_emoji_id,omitempty"`
	Style                        string    `json:"style,omitempty"`
	URL                          string    `json:"url,omitempty"`
	CallbackData                 string    `json:"callback_data,omitempty"`
	WebApp                       *WebApp   `json:"web_app,omitempty"`
	SwitchInlineQuery            *string   `json:"switch_inline_query,omitempty"`
	SwitchInlineQueryCurrentChat *string   `json:"switch_inline_query_current_chat,omitempty"`
	CopyText                     *CopyText `json:"copy_text,omitempty"`
}

// A WebApp is the address of a Web App.
type WebApp struct {
	URL string `json:"url"`
}

// A CopyText is what a button puts on the clipboard.
type CopyText struct {
	Text string `json:"text"`
}

// A ReplyKeyboard is shown in the place of the person's own keyboard. The API
// never sends it back to the bot.
type ReplyKeyboard struct {
	Keyboard       [][]KeyButton `json:"keyboard"`
	IsPersistent   bool          `json:"is_persistent,omitempty"`
	ResizeKeyboard bool          `json:"resize_keyboard,omitempty"`
	OneTime        bool          `json:"one_time_keyboard,omitempty"`
	Placeholder    string        `json:"input_field_placeholder,omitempty"`
	Selective      bool          `json:"selective,omitempty"`
}

// A KeyButton is a button of a reply keyboard. Without a request it sends its
// text.
type KeyButton struct {
	Text            string          `json:"text"`
	Style           string          `json:"style,omitempty"`
	RequestContact  bool            `json:"request_contact,omitempty"`
	RequestLocation bool            `json:"request_location,omitempty"`
	RequestPoll     json.RawMessage `json:"request_poll,omitempty"`
	RequestUsers    json.RawMessage `json:"request_users,omitempty"`
	RequestChat     json.RawMessage `json:"request_chat,omitempty"`
	WebApp          *WebApp         `json:"web_app,omitempty"`
}

// A ForceReply asks the person's client to answer a message.
type ForceReply struct {
	Placeholder string `json:"input_field_placeholder,omitempty"`
	Selective   bool   `json:"selective,omitempty"`
}

// A CallbackQuery is a tap on an inline button. Message is a Message or an
// InaccessibleMessage.
type CallbackQuery struct {
	ID           string `json:"id"`
	From         User   `json:"from"`
	Message      any    `json:"message,omitempty"`
	ChatInstance string `json:"chat_instance"`
	Data         string `json:"data,omitempty"`
}

// An InaccessibleMessage stands for a message that the bot can no longer see.
// Date is always 0.
type InaccessibleMessage struct {
	Chat      Chat  `json:"chat"`
	MessageID int   `json:"message_id"`
	Date      int64 `json:"date"`
}

// A ChatMember is what a person is in a chat; Status decides which of the
// other fields mean something.
type ChatMember struct {
	Status      string `json:"status"`
	User        User   `json:"user"`
	IsAnonymous *bool  `json:"is_anonymous,omitempty"`
	UntilDate   *int64 `json:"until_date,omitempty"`
	*AdminRights
}

// AdminRights are an administrator's.
type AdminRights struct {
	CanBeEdited         bool `json:"can_be_edited"`
	CanManageChat       bool `json:"can_manage_chat"`
	CanDeleteMessages   bool `json:"can_delete_messages"`
	CanManageVideoChats bool `json:"can_manage_video_chats"`
	CanRestrictMembers  bool `json:"can_restrict_members"`
	CanPromoteMembers   bool `json:"can_promote_members"`
	CanChangeInfo       bool `json:"can_change_info"`
	CanInviteUsers      bool `json:"can_invite_users"`
	CanPinMessages      bool `json:"can_pin_messages"`
	CanPostStories      bool `json:"can_post_stories"`
	CanEditStories      bool `json:"can_edit_stories"`
	CanDeleteStories    bool `json:"can_delete_stories"`
	CanSendWelcome      bool `json:"can_send_welcome_messages"`
	CanManageTopics     bool `json:"can_manage_topics,omitempty"`
}

// A ChatMemberUpdated tells that somebody's place in a chat changed.
type ChatMemberUpdated struct {
	Chat          Chat       `json:"chat"`
	From          User       `json:"from"`
	Date          int64      `json:"date"`
	OldChatMember ChatMember `json:"old_chat_member"`
	NewChatMember ChatMember `json:"new_chat_member"`
}

// A Reaction is an emoji put to a message.
type Reaction struct {
	Type          string `json:"type"`
	Emoji         string `json:"emoji,omitempty"`
	CustomEmojiID string `json:"custom_emoji_id,omitempty"`
}

// A ReactionUpdated tells of a person's reaction to a message.
type ReactionUpdated struct {
	Chat        Chat       `json:"chat"`
	MessageID   int        `json:"message_id"`
	User        *User      `json:"user,omitempty"`
	Date        int64      `json:"date"`
	OldReaction []Reaction `json:"old_reaction"`
	NewReaction []Reaction `json:"new_reaction"`
}

// A File is a file to be downloaded.
type File struct {
	FileID       string `json:"file_id"`
	FileUniqueID string `json:"file_unique_id"`
	FileSize     int64  `json:"file_size,omitempty"`
	FilePath     string `json:"file_path,omitempty"`
}

// A Command is an entry of the bot's menu.
type Command struct {
	Command     string `json:"command"`
	Description string `json:"description"`
}

// A WebhookInfo tells how the webhook fares. Dates are in Unix seconds.
type WebhookInfo struct {
	URL                  string   `json:"url"`
	HasCustomCertificate bool     `json:"has_custom_certificate"`
	PendingUpdateCount   int      `json:"pending_update_count"`
	IPAddress            string   `json:"ip_address,omitempty"`
	LastErrorDate        int64    `json:"last_error_date,omitempty"`
	LastErrorMessage     string   `json:"last_error_message,omitempty"`
	MaxConnections       int      `json:"max_connections,omitempty"`
	AllowedUpdates       []string `json:"allowed_updates,omitempty"`
}
