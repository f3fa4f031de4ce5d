namespace MsVit.Samples.Worker;

/// <summary>What is watched.</summary>
/// <param name="Folder">The folder; its subfolders are not looked into.</param>
/// <param name="Output">The file of predictions.</param>
/// <param name="Once">Whether to end when every file that is there is done.</param>
internal sealed record FolderWorkerOptions(string Folder, string Output, bool Once);
