using System.Security.Cryptography;

namespace MsVit.MLNet;

/// <summary>Keeps a patched copy of a native library in a folder of the user.</summary>
internal static class PatchedCopy
{
    /// <summary>Writes the copy, unless an identical one exists.</summary>
    /// <param name="fileName">The file name of the library.</param>
    /// <param name="version">The version of its package.</param>
    /// <param name="image">The patched bytes.</param>
    /// <returns>The path of the copy. Its folder is named after version and content, so a newer copy never replaces it.</returns>
    public static string Write(string fileName, string version, ReadOnlySpan<byte> image)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(image))[..16];
        var cache = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        if (cache.Length > 0)
        {
            try
            {
                return WriteTo(Path.Combine(cache, "MsVit", "native", $"{version}-{hash}"), fileName, image);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A service account may have no home it can write to: fall through to a private temporary folder.
            }
        }
        return WriteTo(Directory.CreateTempSubdirectory("msvit-native-").FullName, fileName, image);
    }

    private static string WriteTo(string folder, string fileName, ReadOnlySpan<byte> image)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, fileName);
        if (File.Exists(path) && File.ReadAllBytes(path).AsSpan().SequenceEqual(image))
        {
            return path;
        }
        var temporary = Path.Combine(folder, Path.GetRandomFileName());
        using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
        {
            file.Write(image);
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
        return path;
    }
}
