using MsVit.MLNet;

namespace MsVit.Tests.Data;

public sealed class SampleStoreTests : IDisposable
{
    private readonly string _workspace = Directory.CreateTempSubdirectory("msvit-store-").FullName;

    [Theory]
    [InlineData(0)]
    [InlineData(35)]
    [InlineData(1000)]
    public void Samples_come_back_whatever_part_of_them_lies_in_the_file(long memoryBudget)
    {
        using var store = new SampleStore(sampleBytes: 10, memoryBudget, _workspace);
        for (var i = 0; i < 20; i++)
        {
            store.Add(Sample(i), label: i % 3);
        }
        store.Seal();

        Assert.Equal(20, store.Count);
        Assert.Equal(10 * Math.Max(0, 20 - memoryBudget / 10), store.SpilledBytes);
        var read = new byte[10];
        foreach (var i in new[] { 19, 0, 3, 2, 4, 7 })
        {
            store.Read(i, read);
            Assert.Equal(Sample(i), read);
            Assert.Equal(i % 3, store.Label(i));
        }
    }

    [Fact]
    public void The_file_is_gone_after_disposal()
    {
        var store = new SampleStore(4, memoryBudget: 0, _workspace);
        store.Add([1, 2, 3, 4], 0);
        store.Seal();
        Assert.Single(Directory.GetFiles(_workspace));
        store.Dispose();
        Assert.Empty(Directory.GetFiles(_workspace));
    }

    [Fact]
    public void A_sample_of_another_size_is_rejected()
    {
        using var store = new SampleStore(4, 100, _workspace);
        var error = Assert.Throws<ArgumentException>(() => store.Add([1, 2, 3], 0));
        Assert.Contains("4 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sealed_store_takes_nothing_more()
    {
        using var store = new SampleStore(1, 100, _workspace);
        store.Seal();
        Assert.Throws<InvalidOperationException>(() => store.Add([1], 0));
    }

    [Fact]
    public void A_split_holds_out_the_same_share_of_each_class_and_no_sample_twice()
    {
        using var store = new SampleStore(1, 1000, _workspace);
        for (var i = 0; i < 100; i++)
        {
            store.Add([0], label: i < 80 ? 0 : 1);
        }
        store.Seal();
        var (train, validation) = SampleSet.Split(new DecodedSamples(store, new(1, 1, 1, false)), 0.1, seed: 7);

        Assert.Equal(8, validation.Indices.Count(i => store.Label(i) == 0));
        Assert.Equal(2, validation.Indices.Count(i => store.Label(i) == 1));
        Assert.Equal(Enumerable.Range(0, 100), train.Indices.Concat(validation.Indices).Order());
        Assert.Equal(validation.Indices, SampleSet.Split(new DecodedSamples(store, new(1, 1, 1, false)), 0.1, seed: 7).Validation.Indices);
        Assert.NotEqual(validation.Indices, SampleSet.Split(new DecodedSamples(store, new(1, 1, 1, false)), 0.1,
            seed: 8).Validation.Indices);
    }

    [Fact]
    public void A_class_of_one_sample_stays_in_training()
    {
        using var store = new SampleStore(1, 1000, _workspace);
        store.Add([0], 0);
        store.Add([0], 1);
        store.Seal();
        var (train, validation) = SampleSet.Split(new DecodedSamples(store, new(1, 1, 1, false)), 0.9, seed: 1);
        Assert.Equal([0, 1], train.Indices);
        Assert.Empty(validation.Indices);
    }

    public void Dispose() => Directory.Delete(_workspace, recursive: true);

    private static byte[] Sample(int i) => [.. Enumerable.Range(0, 10).Select(k => (byte)(i * 10 + k))];
}
