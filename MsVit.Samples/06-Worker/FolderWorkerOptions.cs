namespace MsVit.Samples.Worker;

/// <summary>The options of the worker.</summary>
/// <param name="Folder">The folder to watch, without its subfolders.</param>
/// <param name="Output">The file for predictions.</param>
/// <param name="Once">Whether to stop once all existing files are classified.</param>
internal sealed record FolderWorkerOptions(string Folder, string Output, bool Once);
