using System.Globalization;
using System.Text.Json;
using MsVit.Tests.Support;

namespace MsVit.Tests.Trainer;

public sealed class EvaluateCommandTests(TrainedPhotos photos, TrainedRecordings recordings)
    : IClassFixture<TrainedPhotos>, IClassFixture<TrainedRecordings>, IDisposable
{
    private const int Good = 3 * TrainedPhotos.PerClass;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Files_that_cannot_be_read_are_named_and_the_figures_are_those_of_the_rest(bool skipping)
    {
        var model = skipping ? photos.Skipping : photos.Model;
        var expected = JsonDocument.Parse(Cli.Run("evaluate", "--model", model, "--data", photos.Photos, "--json").Output).RootElement;
        var (set, bad) = Damaged();
        var report = Path.Combine(_folder.Path, "r.html");

        var (code, output, error) = Cli.Run("evaluate", "--model", model, "--data", set, "--json", "--report", report);
        Assert.Equal(1, code);
        var found = JsonDocument.Parse(output).RootElement;
        Assert.Equal((Good, bad.Count), (found.GetProperty("count").GetInt32(), found.GetProperty("unreadable").GetInt32()));
        Assert.All(["accuracy", "logLoss", "macroAccuracy"], figure => Assert.Equal(
            expected.GetProperty(figure).GetDouble(), found.GetProperty(figure).GetDouble(), 1e-6));
        AssertNamed(bad, error);
        Assert.Contains($"error: {bad.Count} of {Good + bad.Count} images could not be read", error, StringComparison.Ordinal);
        Assert.Contains($"{bad.Count} unreadable files are left out.", File.ReadAllText(report), StringComparison.Ordinal);

        var text = Cli.Run("evaluate", "--model", model, "--data", set).Output;
        Assert.Contains($", on {Good} samples\n", text, StringComparison.Ordinal);
        Assert.Contains($"{bad.Count} more samples were left out, because they could not be read.", text, StringComparison.Ordinal);
        Assert.Equal(Good, Table(text).Sum(row => int.Parse(row[1], CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Analyze_looks_at_the_rest_too()
    {
        var (set, bad) = Damaged();
        var (code, output, error) = Cli.Run("analyze", "--model", photos.Model, "--data", set, "--json",
            "--report", Path.Combine(_folder.Path, "a.html"));
        Assert.Equal(1, code);
        var found = JsonDocument.Parse(output).RootElement;
        Assert.Equal((Good, bad.Count), (found.GetProperty("samples").GetInt32(), found.GetProperty("unreadable").GetInt32()));
        AssertNamed(bad, error);
    }

    [Fact]
    public void Recordings_that_cannot_be_read_are_left_out_too()
    {
        recordings.CopyTo(_folder, "set");
        var set = Path.Combine(_folder.Path, "set");
        // The first of all files, from which the size of the sensor might be taken.
        var empty = _folder.Write("set/bottom/000.aedat", []);
        var header = _folder.Write("set/top/99.aedat", "#!AER-DAT2.0\r\n"u8.ToArray());
        var (code, output, error) = Cli.Run("evaluate", "--model", recordings.Model, "--data", set, "--json");
        Assert.Equal(1, code);
        var found = JsonDocument.Parse(output).RootElement;
        Assert.Equal((6, 2), (found.GetProperty("count").GetInt32(), found.GetProperty("unreadable").GetInt32()));
        AssertNamed(new() { [empty] = "empty", [header] = "no events" }, error);
        Assert.Equal(1, Cli.Run("analyze", "--model", recordings.Model, "--data", set).Code);
    }

    [Fact]
    public void A_set_of_which_nothing_can_be_read_is_an_error_with_the_first_reason()
    {
        _folder.Write("none/bottom/1.png", []);
        _folder.Write("none/top/1.png", new byte[900]);
        var set = Path.Combine(_folder.Path, "none");
        foreach (var verb in new[] { "evaluate", "analyze" })
        {
            var (code, _, error) = Cli.Run(verb, "--model", photos.Model, "--data", set);
            Assert.Equal(1, code);
            Assert.Contains($"None of the 2 images of {set} can be read. {Path.Combine(set, "bottom", "1.png")}: The image is empty", error,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Labels_that_the_model_does_not_know_are_named()
    {
        var image = File.ReadAllBytes(photos.Of("top")[0]);
        // A class whose name differs in case alone, where such a folder is another one.
        var other = OperatingSystem.IsLinux() ? "Top" : "Oben";
        foreach (var name in new[] { "top/1", $"{other}/1", $"{other}/2", "links/1", "rechts/1", "mitte/1", "unten/1", "vorn/1" })
        {
            _folder.Write($"set/{name}.png", image);
        }
        var set = Path.Combine(_folder.Path, "set");
        var (code, output, error) = Cli.Run("evaluate", "--model", photos.Model, "--data", set);
        Assert.True(code == 0, error);
        Assert.Contains($"7 more samples were left out, because the model does not know their labels: {other}, links, mitte, rechts, unten "
            + "and 1 more.", output, StringComparison.Ordinal);

        Directory.Delete(Path.Combine(set, "top"), recursive: true);
        (code, _, error) = Cli.Run("evaluate", "--model", photos.Model, "--data", set);
        Assert.Equal(1, code);
        Assert.Contains($"None of the 7 labels of {set} is a class of the model (bottom, middle, top); its labels are {other}, ", error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_worst_mistakes_are_named_with_their_files()
    {
        // All images of one class as those of the two others: two thirds of them at least are mistakes.
        foreach (var (i, file) in photos.Of("top").Index())
        {
            _folder.Write($"set/{(i % 2 == 0 ? "bottom" : "middle")}/{i}.png", File.ReadAllBytes(file));
        }
        var set = Path.Combine(_folder.Path, "set");
        var (code, output, error) = Cli.Run("evaluate", "--model", photos.Model, "--data", set, "--json", "--mistakes", "3");
        Assert.True(code == 0, error);
        var mistakes = JsonDocument.Parse(output).RootElement.GetProperty("mistakes").EnumerateArray().ToArray();
        Assert.Equal(3, mistakes.Length);
        Assert.All(mistakes, mistake =>
        {
            var file = mistake.GetProperty("file").GetString()!;
            Assert.Equal(mistake.GetProperty("label").GetString(), Path.GetFileName(Path.GetDirectoryName(file)));
            Assert.NotEqual(mistake.GetProperty("label").GetString(), mistake.GetProperty("predicted").GetString());
            // What predict says of the file.
            var predicted = JsonDocument.Parse(Cli.Run("predict", "--model", photos.Model, "--json", file).Output).RootElement;
            Assert.Equal(predicted.GetProperty("label").GetString(), mistake.GetProperty("predicted").GetString());
            Assert.Equal(predicted.GetProperty("probability").GetDouble(), mistake.GetProperty("probability").GetDouble(), 1e-5);
        });
        var probabilities = mistakes.Select(mistake => mistake.GetProperty("probability").GetDouble()).ToArray();
        Assert.Equal(probabilities.OrderDescending(), probabilities);

        var lines = Cli.Run("evaluate", "--model", photos.Model, "--data", set, "--mistakes", "3").Output.TrimEnd().Split('\n')[^3..];
        Assert.Equal(mistakes.Select(mistake => mistake.GetProperty("file").GetString()), lines.Select(line => line.Split(": ")[0]));
        Assert.DoesNotContain("mistakes", Cli.Run("evaluate", "--model", photos.Model, "--data", set, "--mistakes", "0").Output,
            StringComparison.Ordinal);
        Assert.Equal(2, Cli.Run("evaluate", "--model", photos.Model, "--data", set, "--mistakes", "-1").Code);
    }

    [Fact]
    public void The_report_names_the_files_of_mistakes()
    {
        foreach (var (i, file) in photos.Of("top").Index())
        {
            _folder.Write($"set/{(i % 2 == 0 ? "bottom" : "middle")}/{i}.png", File.ReadAllBytes(file));
        }
        var (set, report) = (Path.Combine(_folder.Path, "set"), Path.Combine(_folder.Path, "r.html"));
        var worst = JsonDocument.Parse(Cli.Run("evaluate", "--model", photos.Model, "--data", set, "--json", "--report", report).Output)
            .RootElement.GetProperty("mistakes")[0];
        Assert.Contains($"row {worst.GetProperty("row")}, file {worst.GetProperty("file").GetString()}: ", File.ReadAllText(report),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Data_of_the_other_kind_is_rejected_in_words()
    {
        var images = Cli.Run("evaluate", "--model", recordings.Model, "--data", photos.Photos);
        Assert.Equal(2, images.Code);
        Assert.Contains("holds images, but the model takes event recordings", images.Error, StringComparison.Ordinal);
        var events = Cli.Run("evaluate", "--model", photos.Model, "--data", recordings.Recordings);
        Assert.Equal(2, events.Code);
        Assert.Contains("holds event recordings, but the model takes images", events.Error, StringComparison.Ordinal);
    }

    // The images, and in the first class the bad files that a folder can hold.
    private (string Set, Dictionary<string, string> Bad) Damaged()
    {
        foreach (var file in Directory.GetFiles(photos.Photos, "*", SearchOption.AllDirectories))
        {
            _folder.Write(Path.Combine("set", Path.GetRelativePath(photos.Photos, file)), File.ReadAllBytes(file));
        }
        var bad = TrainedPhotos.WriteBad(_folder, "set/bottom");
        // No file, and files of another kind, which are passed over.
        foreach (var file in bad.Keys.Where(file => Path.GetFileName(file) is
            "missing.png" or "scan.png" or "phone.jpg" or "new.png" or "clip.png").ToArray())
        {
            bad.Remove(file);
        }
        return (Path.Combine(_folder.Path, "set"), bad);
    }

    private static void AssertNamed(Dictionary<string, string> bad, string error)
    {
        var said = error.Split('\n');
        Assert.All(bad, pair => Assert.Single(said, line =>
            line.StartsWith($"error: {pair.Key}: ", StringComparison.Ordinal) && line.Contains(pair.Value, StringComparison.Ordinal)));
    }

    private static IEnumerable<string[]> Table(string text) => text.Split('\n')
        .SkipWhile(line => !line.StartsWith("class ", StringComparison.Ordinal)).Skip(1).TakeWhile(line => line.Length > 0)
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
