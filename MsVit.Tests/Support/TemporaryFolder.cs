namespace MsVit.Tests.Support;

/// <summary>An empty folder that is deleted with its contents when it is disposed of.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("msvit-test-");

    public string Path => _folder.FullName;

    /// <summary>Writes a file, making the folders above it.</summary>
    /// <returns>Its full path, with this system's separators.</returns>
    public string Write(string relativePath, byte[] content)
    {
        var path = System.IO.Path.GetFullPath(relativePath, Path);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
