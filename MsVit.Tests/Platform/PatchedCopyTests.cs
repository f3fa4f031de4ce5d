using System.Runtime.Versioning;
using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Platform;

[SupportedOSPlatform("linux")]
public sealed class PatchedCopyTests : IDisposable
{
    private const UnixFileMode Everyone = (UnixFileMode)0x1FF;

    private readonly TemporaryFolder _folder = new();

    // Any library that is surely there and does nothing when it is loaded.
    private readonly byte[] _library = File.ReadAllBytes(
        Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "libSystem.IO.Compression.Native.so"));

    public void Dispose() => _folder.Dispose();

    [LinuxFact("patched copies")]
    public void A_copy_stays_in_the_cache_and_is_written_once()
    {
        Assert.NotEqual(0, Load(_folder.Path));
        var copy = Assert.Single(Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories));
        Assert.Equal("libcopy.so", Path.GetFileName(copy));
        var written = new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(copy, written);
        Assert.NotEqual(0, Load(_folder.Path));
        Assert.Equal(written, File.GetLastWriteTimeUtc(copy));

        // Cut short, as by a full disk: written again. (Another file, for this process has loaded the first one.)
        File.Delete(copy);
        File.WriteAllBytes(copy, _library[..100]);
        Assert.NotEqual(0, Load(_folder.Path));
        Assert.Equal(_library, File.ReadAllBytes(copy));
        Assert.Equal(copy, Assert.Single(Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories)));
    }

    [LinuxFact("patched copies")]
    public void What_a_link_in_the_cache_leads_to_is_neither_loaded_nor_changed()
    {
        Assert.NotEqual(0, Load(_folder.Path));
        var copy = Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories).Single();
        var other = _folder.Write("other.so", _library);
        File.Delete(copy);
        File.CreateSymbolicLink(copy, other);
        Assert.NotEqual(0, Load(_folder.Path));
        Assert.Null(new FileInfo(copy).LinkTarget);
    }

    [LinuxFact("patched copies")]
    public void A_cache_to_which_everyone_can_write_is_not_used()
    {
        var notes = new List<string>();
        var cache = Directory.CreateDirectory(Path.Combine(_folder.Path, "open")).FullName;
        File.SetUnixFileMode(cache, Everyone);
        Assert.Equal(0, PatchedCopy.LoadCached(cache, "libcopy.so", "1", _library, notes.Add));
        Assert.Contains($"not used, because every user can write to {cache}", Assert.Single(notes), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(cache, "*", SearchOption.AllDirectories));
    }

    [LinuxFact("patched copies")]
    public void A_cache_that_cannot_be_made_is_named_with_the_reason()
    {
        var notes = new List<string>();
        var file = _folder.Write("file", [1]);
        Assert.Equal(0, PatchedCopy.LoadCached(Path.Combine(file, "cache"), "libcopy.so", "1", _library, notes.Add));
        Assert.StartsWith(Path.Combine(file, "cache", "MsVit", "native"), Assert.Single(notes), StringComparison.Ordinal);
    }

    [LinuxFact("owners and modes")]
    public void A_folder_is_trusted_if_no_other_user_can_put_a_file_into_it_or_exchange_it()
    {
        Assert.Null(FolderTrust.Fault(_folder.Path));
        var outer = Directory.CreateDirectory(Path.Combine(_folder.Path, "outer")).FullName;
        var inner = Directory.CreateDirectory(Path.Combine(outer, "inner")).FullName;
        Assert.Null(FolderTrust.Fault(inner));
        File.SetUnixFileMode(outer, Everyone);
        Assert.Equal($"every user can write to {outer}", FolderTrust.Fault(inner));
        // As in /tmp, where nobody can remove what belongs to another.
        File.SetUnixFileMode(outer, Everyone | UnixFileMode.StickyBit);
        Assert.Null(FolderTrust.Fault(inner));
        Assert.Equal($"every user can write to {outer}", FolderTrust.Fault(outer));
        Assert.Contains("cannot be read", FolderTrust.Fault(Path.Combine(_folder.Path, "nowhere")), StringComparison.Ordinal);
    }

    [LinuxFact("variables of native libraries")]
    public async Task With_a_temporary_folder_alone_torch_loads_and_leaves_nothing_there()
    {
        var temporary = Directory.CreateDirectory(Path.Combine(_folder.Path, "tmp")).FullName;
        for (var start = 0; start < 2; start++)
        {
            var (code, output, error) = await Info(temporary);
            Assert.True(code == 0, output + error);
            Assert.Empty(Directory.GetFiles(temporary, "libLibTorchSharp*", SearchOption.AllDirectories));
            Assert.Empty(Directory.GetDirectories(temporary, "msvit-native-*"));
        }
    }

    [LinuxFact("variables of native libraries")]
    public async Task Without_any_folder_one_line_says_what_was_tried_and_which_variable_to_set()
    {
        var (code, output, error) = await Info(Path.Combine(_folder.Path, "nowhere"));
        if (code == 0)
        {
            // This system's C++ library is new enough, so no copy is needed.
            return;
        }
        Assert.Equal(1, code);
        Assert.Equal("", output);
        var line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("error: TorchSharp's native library needs GLIBCXX_3.4.32", line, StringComparison.Ordinal);
        Assert.Contains("Set XDG_CACHE_HOME or TMPDIR", line, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_folder.Path, "file", "home"), line, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_folder.Path, "nowhere"), line, StringComparison.Ordinal);
    }

    private nint Load(string cache) =>
        PatchedCopy.LoadCached(cache, "libcopy.so", "1", _library, note => Assert.Fail(note));

    // Below a file nobody can make a folder, not even root.
    private async Task<(int Code, string Output, string Error)> Info(string temporary)
    {
        var home = Path.Combine(_folder.Write("file", [1]), "home");
        using var process = FreshProcess.StartWith(
            new Dictionary<string, string> { ["HOME"] = home, ["XDG_CACHE_HOME"] = home, ["XDG_DATA_HOME"] = home, ["TMPDIR"] = temporary },
            FreshProcess.CliVerb, "info");
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await error);
    }
}
