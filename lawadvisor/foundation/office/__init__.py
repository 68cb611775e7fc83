"""The back office's own machinery: lists, object pages, exports, deeds, history."""
