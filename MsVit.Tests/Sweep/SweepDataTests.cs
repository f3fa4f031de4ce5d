using Microsoft.ML;
using MsVit.MLNet;
using MsVit.MLNet.Sweep;
using MsVit.Tests.Support;

namespace MsVit.Tests.Sweep;

/// <summary>What a sweep checks before its first trial.</summary>
public sealed class SweepDataTests : IDisposable
{
    private static readonly SearchSpace Space = new SearchSpace().Choice("TimeSteps", 1);

    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(seed: 1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_same_store_and_other_data_of_as_many_rows_are_refused_and_the_same_data_are_not()
    {
        var settings = Settings with { Store = Path.Combine(_folder.Path, "s.db") };
        using (Sweep(DotTask.Data(_ml, 60), settings))
        {
        }
        var error = Assert.Throws<InvalidOperationException>(() => Sweep(DotTask.Data(_ml, 60, seed: 2), settings));
        Assert.Contains($"The sweep 'sweep' in {settings.Store} was started on other data", error.Message, StringComparison.Ordinal);
        using var again = Sweep(DotTask.Data(_ml, 60), settings);
        Assert.True(again.IsComplete);
        var longer = Assert.Throws<InvalidOperationException>(() => Sweep(DotTask.Data(_ml, 61), settings));
        Assert.Contains("rows was 60, now 61", longer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sweep_of_an_earlier_version_which_has_no_fingerprint_can_be_resumed()
    {
        var found = new SweepRecord(1, "a", "{}", "{\"seed\":1}", DateTimeOffset.UnixEpoch);
        SweepAgreement.Check(found, "{}", "{\"seed\":1,\"data\":\"AB\"}", "s.db");
        Assert.Contains("seed was 1, now 2", Assert.Throws<InvalidOperationException>(
            () => SweepAgreement.Check(found, "{}", "{\"seed\":2,\"data\":\"AB\"}", "s.db")).Message, StringComparison.Ordinal);
        var newer = found with { Settings = "{\"seed\":1,\"data\":\"AB\"}" };
        Assert.Contains("started on other data", Assert.Throws<InvalidOperationException>(
            () => SweepAgreement.Check(newer, "{}", "{\"seed\":1,\"data\":\"CD\"}", "s.db")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fingerprint_tells_labels_names_pixels_and_their_order_apart()
    {
        var rows = DotTask.Rows(30);
        string[] prints =
        [
            Of(rows),
            Of([.. rows.Skip(1), rows[0]]),
            Of([.. rows.Select(row => Changed(row, label: row.Label == "top" ? "upper" : row.Label))]),
            Of([.. rows.Select((row, i) => Changed(row, label: i == 4 ? "bottom" : row.Label))]),
            Of([.. rows.Select((row, i) => Changed(row, pixel: i == 17 ? 1 : null))]),
            Of(rows[..29]),
        ];
        Assert.Equal(prints.Length, prints.Distinct().Count());
        Assert.Equal(prints[0], Of(DotTask.Rows(30)));
    }

    [Fact]
    public void Recordings_are_told_apart_by_content_and_not_by_place()
    {
        using var first = new RecordingFolder(perClass: 3);
        using var same = new RecordingFolder(perClass: 3);
        using var other = new RecordingFolder(perClass: 3, seed: 2);
        Assert.Equal(OfRecordings(first.Path), OfRecordings(same.Path));
        Assert.NotEqual(OfRecordings(first.Path), OfRecordings(other.Path));
    }

    [Fact]
    public void Drawn_images_are_told_apart()
    {
        var options = new MsVitOptions();
        Assert.NotEqual(SweepData.Check(_ml, _ml.Data.LoadShapeImages(20, 1), options, Space),
            SweepData.Check(_ml, _ml.Data.LoadShapeImages(20, 2), options, Space));
    }

    [Fact]
    public void Data_on_which_no_trial_could_train_are_refused_before_the_first_one()
    {
        Rejected("The data has no label column 'Label'", _ml.Transforms.DropColumns("Label").Fit(DotTask.Data(_ml, 6))
            .Transform(DotTask.Data(_ml, 6)));
        Rejected("The data has no column 'Image', which the network reads; its columns are Label, Number, Text",
            _ml.Transforms.DropColumns("Image").Fit(DotTask.Data(_ml, 6)).Transform(DotTask.Data(_ml, 6)));
        Rejected("All rows of the data are of one class; classification needs at least 2", _ml.Data.LoadFromEnumerable(DotTask.Rows(9).Where(
            row => row.Label == "top").ToArray()));
        Rejected("The data has no rows", _ml.Data.LoadFromEnumerable(Array.Empty<DotRow>()));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_refused_before_the_first_trial()
    {
        var file = _folder.Write("file", []);
        var error = Assert.Throws<IOException>(() => Sweep(DotTask.Data(_ml, 60), Settings with { Folder = Path.Combine(file, "models") }));
        Assert.Contains("The folder of the sweep, ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_trial_whose_model_cannot_be_saved_is_resumed_and_not_failed()
    {
        var settings = Settings with { Store = Path.Combine(_folder.Path, "s.db"), Folder = Path.Combine(_folder.Path, "f") };
        var models = Path.Combine(settings.Folder, "sweep", "models");
        _folder.Write("f/sweep/models", []);
        var error = Assert.ThrowsAny<IOException>(() => Sweep(DotTask.Data(_ml, 60), settings));
        Assert.Contains("could not be saved", error.Message, StringComparison.Ordinal);
        File.Delete(models);
        using var result = Sweep(DotTask.Data(_ml, 60), settings);
        Assert.Equal((TrialState.Completed, 2), (result.Trials[0].State, result.Trials[0].Attempts));
        Assert.True(File.Exists(result.Trials[0].ModelPath));
    }

    private static SweepSettings Settings => new()
    {
        Sampler = SamplerKind.Grid,
        Options = DotTask.Options(options => options.Recipe = DotTask.Recipe with { MaxEpoch = 1 }),
    };

    private string Of(DotRow[] rows) => SweepData.Check(_ml, _ml.Data.LoadFromEnumerable(rows), DotTask.Options(), Space);

    private string OfRecordings(string folder) => SweepData.Check(_ml, _ml.Data.LoadEventRecordings(folder),
        new MsVitOptions { Network = MsVitConfig.Preset("laptop-dvs") }, Space);

    private static DotRow Changed(DotRow row, string? label = null, float? pixel = null) => new()
    {
        Label = label ?? row.Label,
        Image = pixel is { } value ? [value, .. row.Image[1..]] : row.Image,
        Number = row.Number,
        Text = row.Text,
    };

    private void Rejected(string message, IDataView data) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => Sweep(data, Settings)).Message, StringComparison.Ordinal);

    private SweepResult Sweep(IDataView data, SweepSettings settings) =>
        _ml.MulticlassClassification.SweepMsVit(data, Space, settings);
}
