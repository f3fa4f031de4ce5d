namespace MsVit.Tests.Support;

/// <summary>Finds files by their place in the repository, wherever the tests were built to.</summary>
internal static class RepositoryRoot
{
    private static readonly string Folder = Find();

    /// <summary>A path given from the folder that holds MsVit.sln.</summary>
    public static string File(params string[] parts) => Path.GetFullPath(Path.Combine([Folder, .. parts]));

    /// <summary>A path given from the folder <c>shared</c> beside the repository, whose large files are not part of it.</summary>
    public static string Shared(params string[] parts) => File(["..", "shared", .. parts]);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "MsVit.sln")))
            {
                return folder.FullName;
            }
        }
        throw new DirectoryNotFoundException($"MsVit.sln is in no folder above {AppContext.BaseDirectory}.");
    }
}
