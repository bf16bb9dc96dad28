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
	"sendPoll":       (*call).sendPoll,
	"stopPoll":       (*call).stopPoll,
	"sendDice":       (*call).sendDice,
	"sendChatAction": (*call).sendChatAction,

	"forwardMessage":  (*call).forwardMessage,
	"forwardMessages": (*call).forwardMessages,
	"copyMessage":     (*call).copyMessage,
	"copyMessages":    (*call).copyMessages,

	"editMessageText":         (*call).editMessageText,
	"editMessageCaption":      (*call).editMessageCaption,
	"editMessageMedia":        (*call).editMessageMedia,
	"editMessageReplyMarkup":  (*call).editMessageReplyMarkup,
	"editMessageLiveLocation": (*call).editMessageLiveLocation,
	"stopMessageLiveLocation": (*call).stopMessageLiveLocation,
	"deleteMessage":           (*call).deleteMessage,
	"deleteMessages":          (*call).deleteMessages,
	"answerCallbackQuery":     (*call).answerCallbackQuery,
	"setMessageReaction":      (*call).setMessageReaction,
	"pinChatMessage":          (*call).pinChatMessage,
	"unpinChatMessage":        (*call).unpinChatMessage,
	"unpinAllChatMessages":    (*call).unpinAllChatMessages,

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

	"banChatMember":      (*call).banChatMember,
	"kickChatMember":     (*call).banChatMember,
	"unbanChatMember":    (*call).unbanChatMember,
	"setChatTitle":       (*call).setChatTitle,
	"setChatDescription": (*call).setChatDescription,

	"createForumTopic":                  (*call).createForumTopic,
	"editForumTopic":                    editTopic(0),
	"closeForumTopic":                   closeTopic(0, true),
	"reopenForumTopic":                  closeTopic(0, false),
	"deleteForumTopic":                  (*call).deleteForumTopic,
	"unpinAllForumTopicMessages":        unpinTopic(0),
	"editGeneralForumTopic":             editTopic(generalTopic),
	"closeGeneralForumTopic":            closeTopic(generalTopic, true),
	"reopenGeneralForumTopic":           closeTopic(generalTopic, false),
	"hideGeneralForumTopic":             hideGeneral(true),
	"unhideGeneralForumTopic":           hideGeneral(false),
	"unpinAllGeneralForumTopicMessages": unpinTopic(generalTopic),
}

// The rest of the Bot API up to 10.3. A call of one of these says that it is
// not simulated; other names do not exist.
const notSimulatedMethods = `
sendPaidMedia sendChecklist sendMessageDraft sendRichMessage sendRichMessageDraft sendLivePhoto sendGame sendInvoice
sendGift giftPremiumSubscription editMessageChecklist getUserChatBoosts getUserProfileAudios setUserEmojiStatus
getBusinessConnection setChatMemberTag restrictChatMember promoteChatMember setChatAdministratorCustomTitle
banChatSenderChat unbanChatSenderChat setChatPermissions exportChatInviteLink createChatInviteLink
editChatInviteLink createChatSubscriptionInviteLink editChatSubscriptionInviteLink revokeChatInviteLink
approveChatJoinRequest declineChatJoinRequest setChatPhoto deleteChatPhoto setChatStickerSet deleteChatStickerSet
getForumTopicIconStickers setMyDefaultAdministratorRights getMyDefaultAdministratorRights setMyProfilePhoto
removeMyProfilePhoto getMyStarBalance getAvailableGifts verifyUser verifyChat removeUserVerification
removeChatVerification readBusinessMessage deleteBusinessMessages setBusinessAccountName setBusinessAccountUsername
setBusinessAccountBio setBusinessAccountProfilePhoto removeBusinessAccountProfilePhoto
setBusinessAccountGiftSettings getBusinessAccountStarBalance transferBusinessAccountStars getBusinessAccountGifts
getUserGifts getChatGifts convertGiftToStars upgradeGift transferGift postStory repostStory editStory deleteStory
approveSuggestedPost declineSuggestedPost answerWebAppQuery savePreparedInlineMessage answerInlineQuery
answerGuestQuery createInvoiceLink answerShippingQuery answerPreCheckoutQuery getStarTransactions refundStarPayment
editUserStarSubscription setPassportDataErrors setGameScore getGameHighScores getStickerSet getCustomEmojiStickers
uploadStickerFile createNewStickerSet addStickerToSet setStickerPositionInSet deleteStickerFromSet
replaceStickerInSet setStickerEmojiList setStickerKeywords setStickerMaskPosition setStickerSetTitle
setStickerSetThumbnail setCustomEmojiStickerSetThumbnail deleteStickerSet getManagedBotToken replaceManagedBotToken
savePreparedKeyboardButton editEphemeralMessageText editEphemeralMessageMedia editEphemeralMessageCaption
editEphemeralMessageReplyMarkup deleteEphemeralMessage answerChatJoinRequestQuery deleteAllMessageReactions
deleteMessageReaction getManagedBotAccessSettings setManagedBotAccessSettings getUserPersonalChatMessages
sendChatJoinRequestWebApp
`
