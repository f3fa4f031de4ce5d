using System.Numerics;
using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Platform;

public sealed class CoreShareTests : IDisposable
{
    private static readonly BigInteger FourCores = 0b1111;

    private readonly TemporaryFolder _folder = new();
    private readonly HandTime _time = new();
    private readonly List<string> _said = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_training_alone_takes_all_cores()
    {
        using var alone = Join(FourCores, 4);
        Assert.Equal(4, alone.Threads);
    }

    [Fact]
    public void A_training_does_not_count_itself_where_its_folder_is_named_from_the_current_one()
    {
        var folder = Path.GetRelativePath(Environment.CurrentDirectory, _folder.Path);
        using var alone = CoreShare.Join(folder, FourCores, 4, _time, _said.Add);
        Assert.Equal(4, alone.Threads);
        Assert.Empty(_said);
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 1)]
    [InlineData(4, 1)]
    [InlineData(5, 1)]
    public void Trainings_on_the_same_cores_take_equal_parts_and_at_least_one(int trainings, int threads)
    {
        var joined = Enumerable.Range(0, trainings).Select(_ => Join(FourCores, 4)).ToArray();
        _time.Advance(10);
        Assert.All(joined, training => Assert.Equal(threads, training.Threads));
        Array.ForEach(joined, training => training.Dispose());
    }

    [Fact]
    public void Trainings_on_different_cores_share_nothing()
    {
        using var first = Join(0b0011, 2);
        using var second = Join(0b1100, 2);
        _time.Advance(10);
        Assert.Equal(2, first.Threads);
        Assert.Equal(2, second.Threads);
    }

    [Fact]
    public void Only_the_common_cores_are_shared()
    {
        // Two cores of its own and half of two others.
        using var wide = Join(FourCores, 4);
        using var narrow = Join(0b0011, 2);
        _time.Advance(10);
        Assert.Equal(3, wide.Threads);
        Assert.Equal(1, narrow.Threads);
    }

    [Fact]
    public void A_limit_of_the_container_is_shared_rather_than_the_cores_of_the_machine()
    {
        using var first = Join((BigInteger.One << 300) - 1, 6);
        using var second = Join((BigInteger.One << 300) - 1, 6);
        _time.Advance(10);
        Assert.Equal(3, first.Threads);
    }

    [Fact]
    public void The_cores_of_a_training_that_ends_go_to_the_others()
    {
        using var first = Join(FourCores, 4);
        var second = Join(FourCores, 4);
        _time.Advance(10);
        Assert.Equal(2, first.Threads);
        second.Dispose();
        _time.Advance(10);
        Assert.Equal(4, first.Threads);
        Assert.Equal(
            [
                "1 other training runs on these cores: torch uses 2 of 4 threads.",
                "1 other training runs on these cores: torch uses 2 of 4 threads.",
                "No other training runs on these cores any more: torch uses 4 threads.",
            ], _said);
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void The_file_of_a_training_that_was_killed_counts_for_nothing_and_is_deleted()
    {
        var left = _folder.Write("f-1-killed.training", []);
        using var training = Join(FourCores, 4);
        Assert.Equal(4, training.Threads);
        Assert.False(File.Exists(left));
    }

    [Fact]
    public void The_folder_is_read_every_two_seconds_at_most()
    {
        using var first = Join(FourCores, 4);
        using var second = Join(FourCores, 4);
        _time.Advance(1.9);
        Assert.Equal(4, first.Threads);
        _time.Advance(0.2);
        Assert.Equal(2, first.Threads);
    }

    [Fact]
    public void A_training_that_cannot_write_to_the_folder_runs_as_if_it_were_alone()
    {
        var file = _folder.Write("file", []);
        using var training = CoreShare.Join(file, FourCores, 4, _time, _said.Add);
        Assert.Equal(4, training.Threads);
    }

    [LinuxFact("files that may be deleted while they are open")]
    public void A_training_goes_on_as_if_alone_when_the_folder_is_deleted()
    {
        var folder = Path.Combine(_folder.Path, "trainings");
        using var training = CoreShare.Join(folder, FourCores, 4, _time, _said.Add);
        Directory.Delete(folder, recursive: true);
        _time.Advance(10);
        Assert.Equal(4, training.Threads);
    }

    [Fact]
    public void The_process_knows_its_cores()
    {
        using var training = CoreShare.Join(_said.Add);
        Assert.InRange(training.Threads, 1, Environment.ProcessorCount);
    }

    private CoreShare Join(BigInteger cores, int most) => CoreShare.Join(_folder.Path, cores, most, _time, _said.Add);
}
