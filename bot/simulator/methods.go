package simulator

import "strings"

// A method is a method of the Bot API, under its name as the API spells it.
type method struct {
	name string
	run  func(c *call) (any, error)
}

// methods are those that are simulated, by their names in lower case.
var methods map[string]method

// refused are the other methods of the Bot API, by their names in lower case.
var refused map[string]string

// The tables cannot be made where they are declared: a webhook's answer runs a
// method from them, so the compiler would see a circle.
func init() {
	methods, refused = map[string]method{}, map[string]string{}
	for name, run := range simulated {
		methods[strings.ToLower(name)] = method{name, run}
	}
	for name := range strings.FieldsSeq(notSimulatedMethods) {
		refused[strings.ToLower(name)] = name
	}
}

var simulated = map[string]func(c *call) (any, error){
	"getUpdates":     nil, // answered apart: it waits
	"setWebhook":     (*call).setWebhook,
	"deleteWebhook":  (*call).deleteWebhook,
	"getWebhookInfo": (*call).getWebhookInfo,

	"getMe":  (*call).getMe,
	"logOut": (*call).logOut,
	"close":  (*call).close,

	"sendMessage":    (*call).sendMessage,
	"sendPhoto":      sendMedia("photo"),
	"sendAudio":      sendMedia("audio"),
	"sendDocument":   sendMedia("document"),
	"sendVideo":      sendMedia("video"),
	"sendAnimation":  sendMedia("animation"),
	"sendVoice":      sendMedia("voice"),
	"sendVideoNote":  sendMedia("video_note"),
	"sendSticker":    sendMedia("sticker"),
	"sendMediaGroup": (*call).sendMediaGroup,
	"sendLocation":   (*call).sendLocation,
	"sendVenue":      (*call).sendVenue,
	"sendContact":    (*call).sendContact,
	"sendChatAction": (*call).sendChatAction,

	"forwardMessage":  (*call).forwardMessage,
	"forwardMessages": (*call).forwardMessages,
	"copyMessage":     (*call).copyMessage,
	"copyMessages":    (*call).copyMessages,

	"editMessageText":        (*call).editMessageText,
	"editMessageCaption":     (*call).editMessageCaption,
	"editMessageMedia":       (*call).editMessageMedia,
	"editMessageReplyMarkup": (*call).editMessageReplyMarkup,
	"deleteMessage":          (*call).deleteMessage,
	"deleteMessages":         (*call).deleteMessages,
	"answerCallbackQuery":    (*call).answerCallbackQuery,
	"setMessageReaction":     (*call).setMessageReaction,
	"pinChatMessage":         (*call).pinChatMessage,
	"unpinChatMessage":       (*call).unpinChatMessage,
	"unpinAllChatMessages":   (*call).unpinAllChatMessages,

	"getFile":              (*call).getFile,
	"getUserProfilePhotos": (*call).getUserProfilePhotos,

	"setMyCommands":         (*call).setMyCommands,
	"getMyCommands":         (*call).getMyCommands,
	"deleteMyCommands":      (*call).deleteMyCommands,
	"setMyName":             (*call).setMyName,
	"getMyName":             (*call).getMyName,
	"setMyDescription":      (*call).setMyDescription,
	"getMyDescription":      (*call).getMyDescription,
	"setMyShortDescription": (*call).setMyShortDescription,
	"getMyShortDescription": (*call).getMyShortDescription,
	"setChatMenuButton":     (*call).setChatMenuButton,
	"getChatMenuButton":     (*call).getChatMenuButton,

	"getChat":               (*call).getChat,
	"getChatMember":         (*call).getChatMember,
	"getChatMemberCount":    (*call).getChatMemberCount,
	"getChatMembersCount":   (*call).getChatMemberCount,
	"getChatAdministrators": (*call).getChatAdministrators,
	"leaveChat":             (*call).leaveChat,
}

// The rest of the Bot API up to 10.3. A call of one of these says that it is
// not simulated; other names do not exist.
const notSimulatedMethods = `
sendPaidMedia sendPoll sendDice sendChecklist sendMessageDraft sendRichMessage sendRichMessageDraft sendLivePhoto
sendGame sendInvoice sendGift giftPremiumSubscription
editMessageLiveLocation stopMessageLiveLocation editMessageChecklist stopPoll
getUserChatBoosts getUserProfileAudios setUserEmojiStatus getBusinessConnection setChatMemberTag
banChatMember kickChatMember unbanChatMember restrictChatMember promoteChatMember setChatAdministratorCustomTitle
banChatSenderChat unbanChatSenderChat setChatPermissions exportChatInviteLink createChatInviteLink editChatInviteLink
createChatSubscriptionInviteLink editChatSubscriptionInviteLink revokeChatInviteLink approveChatJoinRequest
declineChatJoinRequest setChatPhoto deleteChatPhoto setChatTitle setChatDescription setChatStickerSet
deleteChatStickerSet getForumTopicIconStickers createForumTopic editForumTopic closeForumTopic reopenForumTopic
deleteForumTopic unpinAllForumTopicMessages editGeneralForumTopic closeGeneralForumTopic reopenGeneralForumTopic
hideGeneralForumTopic unhideGeneralForumTopic unpinAllGeneralForumTopicMessages
setMyDefaultAdministratorRights getMyDefaultAdministratorRights setMyProfilePhoto removeMyProfilePhoto
getMyStarBalance getAvailableGifts verifyUser verifyChat removeUserVerification removeChatVerification
readBusinessMessage deleteBusinessMessages setBusinessAccountName setBusinessAccountUsername setBusinessAccountBio
setBusinessAccountProfilePhoto removeBusinessAccountProfilePhoto setBusinessAccountGiftSettings
getBusinessAccountStarBalance transferBusinessAccountStars getBusinessAccountGifts getUserGifts getChatGifts
convertGiftToStars upgradeGift transferGift postStory repostStory editStory deleteStory
approveSuggestedPost declineSuggestedPost answerWebAppQuery savePreparedInlineMessage answerInlineQuery
answerGuestQuery createInvoiceLink answerShippingQuery answerPreCheckoutQuery getStarTransactions
refundStarPayment editUserStarSubscription setPassportDataErrors setGameScore getGameHighScores
getStickerSet getCustomEmojiStickers uploadStickerFile createNewStickerSet addStickerToSet setStickerPositionInSet
deleteStickerFromSet replaceStickerInSet setStickerEmojiList setStickerKeywords setStickerMaskPosition
setStickerSetTitle setStickerSetThumbnail setCustomEmojiStickerSetThumbnail deleteStickerSet
getManagedBotToken replaceManagedBotToken savePreparedKeyboardButton editEphemeralMessageText
editEphemeralMessageMedia editEphemeralMessageCaption editEphemeralMessageReplyMarkup deleteEphemeralMessage
`
