using MsVit.MLNet;
using MsVit.Tests.Training.Distributed;
using MsVit.Trainer.Runs;

namespace MsVit.Tests.Trainer.Ranks;

public sealed class SharedTeacherTests
{
    // More than one message of 64 MiB.
    private const int Rows = 70_000;
    private const int Width = 256;

    [Fact]
    public void Every_rank_has_the_vectors_that_rank_0_asked_for()
    {
        var asked = 0;
        var found = ThreadGroup.Run(2, group =>
        {
            using var teacher = SharedTeacher.Of(group, Rows, () =>
            {
                Interlocked.Increment(ref asked);
                return new(Width, row => [.. Enumerable.Range(0, Width).Select(i => (row * 0.5f) + i)]);
            });
            Assert.Equal(Width, teacher.Width);
            return ((long[])[0, 1, 65_535, 65_536, Rows - 1]).Select(teacher.Vector).ToArray();
        });
        Assert.Equal(1, asked);
        Assert.Equal(found[0], found[1]);
        Assert.Equal(((Rows - 1) * 0.5f) + 3, found[1][^1][3]);
    }

    [Fact]
    public void A_teacher_that_cannot_be_asked_fails_on_every_rank()
    {
        var faults = ThreadGroup.Run(2, group => Record.Exception(
            () => SharedTeacher.Of(group, Rows, () => throw new InvalidDataException("no such output"))));
        Assert.IsType<InvalidDataException>(faults[0]);
        Assert.Contains("no such output", Assert.IsType<InvalidOperationException>(faults[1]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ranks_gather_bytes_of_any_length_in_order()
    {
        var all = ThreadGroup.Run(3, group => group.Gather([.. Enumerable.Repeat((byte)(200 + group.Rank), group.Rank * 3)]));
        Assert.All(all, parts => Assert.Equal([[], [201, 201, 201], [202, 202, 202, 202, 202, 202]], parts));
    }
}
