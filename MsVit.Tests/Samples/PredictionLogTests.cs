using MsVit.Samples.Worker;
using MsVit.Tests.Support;

namespace MsVit.Tests.Samples;

public sealed class PredictionLogTests : IDisposable
{
    private static readonly FileEntry First = new("ä.png", 10, new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc).AddTicks(1234567));
    private static readonly FileEntry Second = new("b.png", 20, new DateTime(2026, 1, 2, 3, 4, 6, DateTimeKind.Utc));

    private readonly TemporaryFolder _folder = new();

    private string Output => Path.Combine(_folder.Path, "predictions.jsonl");

    [Fact]
    public void What_is_written_is_known_after_a_restart_and_a_file_that_was_replaced_is_not()
    {
        using (var log = new PredictionLog(Output))
        {
            log.Add(First, Line(First));
        }
        using var again = new PredictionLog(Output);
        Assert.True(again.Has(First));
        Assert.False(again.Has(Second));
        Assert.False(again.Has(First with { Length = 11 }));
        Assert.False(again.Has(First with { Changed = First.Changed.AddTicks(1) }));
    }

    [Fact]
    public void A_line_that_a_power_cut_left_half_written_is_cut_off_at_every_byte_and_its_file_done_again()
    {
        using (var log = new PredictionLog(Output))
        {
            log.Add(Second, Line(Second));
            log.Add(First, Line(First));
        }
        var whole = File.ReadAllBytes(Output);
        var second = Array.IndexOf(whole, (byte)'\n') + 1;
        for (var length = second; length < whole.Length; length++)
        {
            File.WriteAllBytes(Output, whole[..length]);
            using (var log = new PredictionLog(Output))
            {
                Assert.True(log.Has(Second));
                Assert.False(log.Has(First));
                log.Add(First, Line(First));
            }
            Assert.Equal(whole, File.ReadAllBytes(Output));
        }
    }

    [Fact]
    public void A_file_of_something_else_is_refused_and_left_as_it_is()
    {
        File.WriteAllText(Output, "{\"a\": 1}\nnotes");
        var e = Assert.Throws<InvalidDataException>(() => new PredictionLog(Output));
        Assert.Contains("line 1", e.Message, StringComparison.Ordinal);
        Assert.Equal("{\"a\": 1}\nnotes", File.ReadAllText(Output));
    }

    [Fact]
    public void Two_cannot_write_one_log()
    {
        using var log = new PredictionLog(Output);
        Assert.Throws<IOException>(() => new PredictionLog(Output));
    }

    public void Dispose() => _folder.Dispose();

    private static PredictionLine Line(FileEntry file) => new()
    {
        File = file.Name,
        Length = file.Length,
        Changed = file.Changed,
        Label = "top",
        Probability = 0.5f,
        ModelVersion = "v"
    };
}
