using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Data;

/// <summary>A store of samples of any length against a list of arrays, and at its edges.</summary>
public sealed class SamplesOfAnyLengthTests : IDisposable
{
    private readonly TemporaryFolder _workspace = new();

    [Theory]
    [InlineData(0, 1 << 30)]
    [InlineData(0, 64)]
    [InlineData(1, 1000)]
    [InlineData(5000, 1000)]
    [InlineData(5000, 1 << 30)]
    [InlineData(1 << 20, 1)]
    public void They_are_those_that_were_added_read_in_any_order_by_four_threads(long memoryBudget, int fileCapacity)
    {
        var random = new RandomStream(1, (ulong)memoryBudget, (ulong)fileCapacity);
        var expected = new List<byte[]>();
        using var store = Store(memoryBudget, fileCapacity);
        for (var i = 0; i < 600; i++)
        {
            expected.Add(Bytes(i, random.NextInt(4) == 0 ? 0 : random.NextInt(200)));
            store.Add(expected[i], label: i % 7);
        }
        store.Seal();

        Assert.Equal(600, store.Count);
        Assert.Equal(expected.Sum(sample => sample.Length), store.TotalBytes);
        Assert.Equal(16 * 600, store.IndexBytes);
        var order = Enumerable.Range(0, 600).ToArray();
        random.Shuffle<int>(order);
        var wrong = order.AsParallel().WithDegreeOfParallelism(4).Where(i =>
        {
            var read = new byte[store.Length(i)];
            store.Read(i, read);
            return !read.AsSpan().SequenceEqual(expected[i]) || store.Label(i) != i % 7;
        });
        Assert.Empty(wrong);
    }

    [Fact]
    public void A_sample_of_exactly_the_budget_stays_in_memory_and_the_next_byte_goes_to_a_file()
    {
        using var store = Store(memoryBudget: 100, fileCapacity: 1000);
        store.Add(Bytes(1, 100), 0);
        Assert.Equal(0, store.SpilledBytes);
        store.Add([], 1);
        Assert.Equal(0, store.SpilledBytes);
        store.Add([9], 2);
        Assert.Equal(1, store.SpilledBytes);
        store.Seal();
        AssertSamples(store, Bytes(1, 100), [], [9]);
    }

    [Fact]
    public void After_a_sample_that_does_not_fit_into_memory_all_go_to_files()
    {
        using var store = Store(memoryBudget: 100, fileCapacity: 1000);
        store.Add(Bytes(1, 10), 0);
        store.Add(Bytes(2, 101), 0);
        store.Add(Bytes(3, 1), 0);
        Assert.Equal(102, store.SpilledBytes);
        store.Seal();
        AssertSamples(store, Bytes(1, 10), Bytes(2, 101), Bytes(3, 1));
    }

    [Fact]
    public void A_file_is_filled_to_its_last_byte_and_a_longer_sample_has_one_of_its_own()
    {
        using var store = Store(memoryBudget: 0, fileCapacity: 10);
        byte[][] samples = [Bytes(1, 4), Bytes(2, 6), Bytes(3, 1), Bytes(4, 25), Bytes(5, 10)];
        foreach (var sample in samples)
        {
            store.Add(sample, 0);
        }
        store.Seal();
        Assert.Equal([1L, 10, 10, 25], Directory.GetFiles(_workspace.Path).Select(file => new FileInfo(file).Length).Order());
        AssertSamples(store, samples);
    }

    [Fact]
    public void Nothing_is_lost_at_the_end_of_files_of_two_GiB_and_past_four_GiB_in_all()
    {
        // The files have a hole of nearly 2 GiB in front, which takes no room on the disk.
        const int Hole = int.MaxValue - 100;
        using var store = new SampleStore(0, _workspace.Path)
        {
            FileCapacity = int.MaxValue,
            CreateFile = (folder, capacity) =>
            {
                var file = SpillFile.Create(folder);
                RandomAccess.SetLength(file, Hole);
                return new(file, capacity);
            },
        };
        var samples = Enumerable.Range(0, 6).Select(i => Bytes(i, 50)).ToArray();
        foreach (var sample in samples)
        {
            store.Add(sample, 0);
        }
        store.Seal();
        Assert.Equal((3L * Hole) + 300, store.SpilledBytes);
        AssertSamples(store, samples);
    }

    [Fact]
    public void An_empty_store_is_sealed_without_a_file()
    {
        using var store = Store(memoryBudget: 0, fileCapacity: 10);
        store.Seal();
        Assert.Equal(0, store.Count);
        Assert.Empty(Directory.GetFiles(_workspace.Path));
    }

    [LinuxFact("/dev/full")]
    public void A_full_disk_is_one_error_with_folder_bytes_and_options()
    {
        var store = new SampleStore(memoryBudget: 1000, _workspace.Path)
        {
            ExpectedCount = 50,
            CreateFile = static (_, capacity) => new(File.OpenHandle("/dev/full", FileMode.Open, FileAccess.ReadWrite), capacity),
        };
        store.Add(new byte[1000], 0);
        var error = Assert.Throws<IOException>(() => store.Add(new byte[1000], 0));
        // 50 samples of 1000 bytes, of which one is in memory.
        Assert.All(["No space left", _workspace.Path, "49000 bytes are needed", "WorkspacePath", "MemoryBudget, which is 1000 bytes"],
            part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        store.Dispose();
    }

    [Fact]
    public void A_workspace_that_cannot_be_made_is_the_same_error()
    {
        var file = _workspace.Write("file", [1]);
        using var store = new SampleStore(memoryBudget: 0, Path.Combine(file, "msvit"));
        var error = Assert.Throws<IOException>(() => store.Add([1, 2, 3], 0));
        Assert.Contains("so far, 0 have been written", error.Message, StringComparison.Ordinal);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _workspace.Dispose();

    private SampleStore Store(long memoryBudget, int fileCapacity) => new(memoryBudget, _workspace.Path) { FileCapacity = fileCapacity };

    private static void AssertSamples(SampleStore store, params byte[][] expected)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            var read = new byte[store.Length(i)];
            store.Read(i, read);
            Assert.Equal(expected[i], read);
        }
    }

    private static byte[] Bytes(int seed, int length) => [.. Enumerable.Range(0, length).Select(k => (byte)((seed * 31) + (k * 7)))];
}
