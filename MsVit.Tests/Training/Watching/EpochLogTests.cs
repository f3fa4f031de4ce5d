using System.Globalization;
using System.Text.Json;
using MsVit.MLNet;
using MsVit.Tests.Support;

namespace MsVit.Tests.Training.Watching;

public sealed class EpochLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _warnings = [];
    private readonly CultureInfo _culture = CultureInfo.CurrentCulture;

    private string Csv => Path.Combine(_folder.Path, "epochs.csv");

    private string Json => Path.Combine(_folder.Path, "epochs.jsonl");

    [Fact]
    public void A_row_is_written_alike_in_every_culture_and_what_is_not_known_is_empty()
    {
        // A comma before the decimals, as in German; made here, since some systems know no cultures.
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        CultureInfo.CurrentCulture = comma;
        new CsvEpochLog(Csv).Write(Record(1) with { Activity = null });
        Assert.Equal(
            "epoch,train_loss,train_top1,validation_loss,validation_top1,validation_top5,learning_rate,samples_per_second,best_epoch,elapsed_seconds,firing_rate,dead_share,saturated_share\r\n"
            + "1,0.5,0.25,,,,0.001,12.5,1,90,,,\r\n",
            File.ReadAllText(Csv));
    }

    [Fact]
    public void A_line_of_json_has_every_layer_and_null_for_what_is_not_known()
    {
        new JsonLinesEpochLog(Json).Write(Record(1));
        using var line = JsonDocument.Parse(Assert.Single(File.ReadAllLines(Json)));
        var root = line.RootElement;
        Assert.Equal(JsonValueKind.Null, root.GetProperty("validationLoss").ValueKind);
        Assert.Equal(90, root.GetProperty("elapsed").GetDouble());
        var activity = root.GetProperty("activity");
        Assert.Equal(0.25, activity.GetProperty("firingRate").GetDouble());
        Assert.Equal(["a_lif", "b_lif"], activity.GetProperty("layers").EnumerateArray()
            .Select(layer => layer.GetProperty("name").GetString()));
    }

    [Fact]
    public void A_resumed_run_replaces_the_epochs_that_it_trains_anew_and_keeps_those_before()
    {
        WriteAll(1, 2, 3, 4);
        WriteAll(3, 4);
        Assert.Equal(["epoch", "1", "2", "3", "4"], File.ReadAllLines(Csv).Select(line => line.Split(',')[0]));
        Assert.Equal([1, 2, 3, 4], EpochsOfJson());
        Assert.Equal([1, 2, 3, 4], Steps());
        Assert.Empty(_warnings);
    }

    [Fact]
    public void A_run_from_the_beginning_replaces_the_whole_log()
    {
        WriteAll(1, 2, 3);
        WriteAll(1);
        Assert.Equal(2, File.ReadAllLines(Csv).Length);
        Assert.Equal([1], EpochsOfJson());
        Assert.Equal([1], Steps());
        Assert.Equal(["epochs.csv", "epochs.jsonl"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Torn_last_lines_and_records_of_a_killed_run_are_dropped()
    {
        WriteAll(1, 2);
        File.AppendAllText(Csv, "2,0.");
        File.AppendAllText(Json, """{"epoch":2,"tr""");
        using (var events = File.Open(Assert.Single(EventFiles()), FileMode.Append))
        {
            events.Write([30, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5]);
        }
        WriteAll(3);
        Assert.Equal(["epoch", "1", "2", "3"], File.ReadAllLines(Csv).Select(line => line.Split(',')[0]));
        Assert.Equal([1, 2, 3], EpochsOfJson());
        Assert.Equal([1, 2, 3], Steps());
    }

    [Fact]
    public void TensorBoards_records_are_whole_and_carry_each_figure_with_its_epoch()
    {
        WriteAll(1, 2);
        var scalars = EventFiles().SelectMany(EventFile.Scalars).ToLookup(scalar => scalar.Tag, scalar => (scalar.Step, scalar.Value));
        Assert.Equal([(1, 0.5f), (2, 0.5f)], scalars["loss/train"]);
        Assert.Equal([(1, 0.5f), (2, 0.5f)], scalars["firing_rate/b_lif"]);
        Assert.Equal([(1, 0.75f), (2, 0.75f)], scalars["neurons/dead_share"]);
        Assert.Empty(scalars["loss/validation"]);
    }

    [Fact]
    public void A_log_that_cannot_be_written_warns_once_and_its_epochs_follow_when_it_can()
    {
        // A folder where the file should be.
        Directory.CreateDirectory(Path.Combine(Csv, "in the way"));
        var logs = EpochLogs.In(_folder.Path, _warnings.Add);
        logs.Write(Record(1));
        logs.Write(Record(2));
        Assert.Contains("epochs.csv cannot be written", Assert.Single(_warnings), StringComparison.Ordinal);
        Assert.Equal([1, 2], EpochsOfJson());
        Directory.Delete(Csv, recursive: true);
        logs.Write(Record(3));
        Assert.Equal(["epoch", "1", "2", "3"], File.ReadAllLines(Csv).Select(line => line.Split(',')[0]));
    }

    [Fact]
    public void Columns_of_another_version_are_not_mixed_with_new_ones()
    {
        File.WriteAllText(Csv, "epoch,loss\r\n1,0.5\r\n");
        WriteAll(2);
        Assert.Contains("its first line is 'epoch,loss'", Assert.Single(_warnings), StringComparison.OrdinalIgnoreCase);
        Assert.Equal("epoch,loss\r\n1,0.5\r\n", File.ReadAllText(Csv));
    }

    public void Dispose()
    {
        CultureInfo.CurrentCulture = _culture;
        _folder.Dispose();
    }

    private static EpochRecord Record(int epoch) => new()
    {
        Epoch = epoch,
        TrainLoss = 0.5,
        TrainAccuracy = 0.25,
        LearningRate = 0.001,
        SamplesPerSecond = 12.5,
        BestEpoch = 1,
        Elapsed = TimeSpan.FromSeconds(90),
        Activity = new(4, [new("a_lif", 2, 0, 1, 0), new("b_lif", 2, 0.5, 0.5, 0.25)]),
    };

    private void WriteAll(params int[] epochs)
    {
        var logs = EpochLogs.In(_folder.Path, _warnings.Add);
        Array.ForEach(epochs, epoch => logs.Write(Record(epoch)));
    }

    private int[] EpochsOfJson() => [.. File.ReadAllLines(Json)
        .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("epoch").GetInt32())];

    private string[] EventFiles() => [.. Directory.GetFiles(Path.Combine(_folder.Path, "tensorboard")).Order(StringComparer.Ordinal)];

    private long[] Steps() => [.. EventFiles().SelectMany(EventFile.Scalars).Where(scalar => scalar.Tag == "loss/train")
        .Select(scalar => scalar.Step)];
}
