using MsVit.MLNet.Events;
using MsVit.Tests.Support;

namespace MsVit.Tests.Data.Events.Caching;

public sealed class EventFrameCacheTests : IDisposable
{
    private const int Length = 100;
    private const int Entry = Length + 32;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void What_was_added_is_found_by_another_cache_over_the_same_folder()
    {
        Assert.True(Cache().Add("aa", Frames(1)));
        Assert.Equal(Frames(1), Cache().Find("aa", Length));
        Assert.Null(Cache().Find("bb", Length));
        Assert.Null(Cache().Find("aa", Length + 1));
    }

    [Fact]
    public void A_damaged_or_half_written_entry_counts_as_absent_and_is_replaced()
    {
        var cache = Cache();
        cache.Add("aa", Frames(1));
        var file = Assert.Single(Directory.GetFiles(_folder.Path));
        var bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.Null(cache.Find("aa", Length));
        File.WriteAllBytes(file, bytes[..50]);
        Assert.Null(cache.Find("aa", Length));
        cache.Add("aa", Frames(2));
        Assert.Equal(Frames(2), cache.Find("aa", Length));
    }

    [Fact]
    public void A_full_cache_keeps_what_this_run_uses_and_drops_what_nobody_used_since()
    {
        var before = Cache();
        foreach (var key in new[] { "old", "used", "older" })
        {
            before.Add(key, Frames(1));
            File.SetLastWriteTimeUtc(PathOf(key), DateTime.UtcNow.AddHours(key == "older" ? -2 : -1));
        }
        var cache = Cache(maxBytes: 3 * Entry);
        Assert.NotNull(cache.Find("used", Length));
        Assert.True(cache.Add("new1", Frames(2)));
        Assert.False(File.Exists(PathOf("older")));
        Assert.True(cache.Add("new2", Frames(3)));
        Assert.False(File.Exists(PathOf("old")));
        Assert.False(cache.Add("new3", Frames(4)));
        Assert.Equal(3, Directory.GetFiles(_folder.Path).Length);
        Assert.NotNull(cache.Find("used", Length));
    }

    [Fact]
    public void Many_threads_may_add_and_find_at_once_and_leave_no_temporary_file()
    {
        var caches = new[] { Cache(), Cache() };
        Parallel.For(0, 200, i =>
        {
            var key = $"{i % 20:x2}";
            caches[i % 2].Add(key, Frames((byte)(i % 20)));
            Assert.Equal(Frames((byte)(i % 20)), caches[(i / 2) % 2].Find(key, Length));
        });
        Assert.Equal(20, Directory.GetFiles(_folder.Path).Length);
        Assert.Empty(Directory.GetFiles(_folder.Path, "*.tmp"));
    }

    [Fact]
    public void An_entry_that_cannot_be_opened_is_missing_and_one_that_cannot_be_stored_leaves_nothing()
    {
        var cache = Cache();
        // The system refuses to open a folder as a file, as Windows does with a file that is being replaced.
        _ = _folder.Write("aa.frames/x", [1]);
        Assert.Null(cache.Find("aa", Length));
        Assert.ThrowsAny<IOException>(() => cache.Add("aa", Frames(1)));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void What_an_interrupted_run_left_is_removed_once_it_is_old()
    {
        var old = _folder.Write("left.tmp", [1]);
        File.SetLastWriteTimeUtc(old, DateTime.UtcNow.AddHours(-2));
        var young = _folder.Write("young.tmp", [1]);
        Cache();
        Assert.False(File.Exists(old));
        Assert.True(File.Exists(young));
    }

    public void Dispose() => _folder.Dispose();

    private EventFrameCache Cache(long maxBytes = 1 << 20) => new(_folder.Path, maxBytes);

    private string PathOf(string key) => Path.Combine(_folder.Path, key + ".frames");

    private static byte[] Frames(byte value)
    {
        var frames = new byte[Length];
        Array.Fill(frames, value);
        return frames;
    }
}
