namespace MsVit.MLNet;

/// <summary>An image of an image folder.</summary>
/// <param name="Path">The file's path.</param>
/// <param name="Label">The name of its class.</param>
internal sealed record ImageFile(string Path, string Label);
