using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Security.Cryptography;

namespace MsVit.MLNet;

/// <summary>
/// Loads a patched copy of a native library: from the user's cache, where it stays for the next start; or, if that cannot be used, from a
/// temporary folder, which is removed as soon as the copy is loaded.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class PatchedCopy
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Loads the copy, and writes it first unless an identical one is in the cache.</summary>
    /// <param name="fileName">The file name of the library.</param>
    /// <param name="version">The version of its package.</param>
    /// <param name="image">The patched bytes.</param>
    /// <param name="note">Receives what was tried in vain, one line each.</param>
    /// <returns>The handle; zero if the copy could not be written or loaded.</returns>
    public static nint Load(string fileName, string version, ReadOnlySpan<byte> image, Action<string> note)
    {
        var handle = LoadCached(CacheFolder(), fileName, version, image, note);
        return handle != 0 ? handle : LoadTemporary(fileName, image, note);
    }

    /// <summary>Loads the copy from a cache.</summary>
    /// <inheritdoc cref="Load"/>
    public static nint LoadCached(string cache, string fileName, string version, ReadOnlySpan<byte> image, Action<string> note)
    {
        // A newer copy never replaces an older one that is in use.
        var hash = Convert.ToHexStringLower(SHA256.HashData(image))[..16];
        return LoadFrom(Path.Combine(cache, "MsVit", "native", $"{version}-{hash}"), fileName, image, note);
    }

    /// <summary>$XDG_CACHE_HOME if it is set; else the folder for the user's data, ~/.local/share, even if it does not exist yet.</summary>
    private static string CacheFolder() => Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { } folder && Path.IsPathRooted(folder)
        ? folder
        : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);

    private static nint LoadTemporary(string fileName, ReadOnlySpan<byte> image, Action<string> note)
    {
        string folder;
        try
        {
            folder = Directory.CreateTempSubdirectory("msvit-native-").FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            note($"{Path.GetTempPath()}: {e.Message}");
            return 0;
        }
        try
        {
            return LoadFrom(folder, fileName, image, note);
        }
        finally
        {
            // A loaded library needs its file no longer; only on NFS it cannot be removed.
            Leftover.DeleteFolder(folder, note);
        }
    }

    private static nint LoadFrom(string folder, string fileName, ReadOnlySpan<byte> image, Action<string> note)
    {
        try
        {
            Directory.CreateDirectory(folder, Private);
            // The library runs with the rights of this user, so no other user may be able to exchange it.
            if (FolderTrust.Fault(folder) is { } fault)
            {
                note($"{folder}: not used, because {fault}");
                return 0;
            }
            return NativeLibrary.Load(WriteTo(folder, fileName, image));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DllNotFoundException or BadImageFormatException)
        {
            note($"{folder}: {e.Message}");
            return 0;
        }
    }

    private static string WriteTo(string folder, string fileName, ReadOnlySpan<byte> image)
    {
        var path = Path.Combine(folder, fileName);
        if (new FileInfo(path) is { Exists: true, LinkTarget: null } && File.ReadAllBytes(path).AsSpan().SequenceEqual(image))
        {
            return path;
        }
        var temporary = Path.Combine(folder, Path.GetRandomFileName());
        try
        {
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                file.Write(image);
                file.Flush(flushToDisk: true);
            }
            FileReplacement.Run(temporary, path, isKept: false);
        }
        finally
        {
            // It is there only if the copy could not be written, for example because the disk is full.
            Leftover.Delete(temporary);
        }
        return path;
    }
}
