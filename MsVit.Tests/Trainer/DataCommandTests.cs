using System.Text.Json;
using MsVit.Tests.Support;

namespace MsVit.Tests.Trainer;

public sealed class DataCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NeedsSharedTheory("data/dvs128-objects/reference.json")]
    [InlineData("sessionA_computermouse.aedat")]
    [InlineData("sessionB_scissors.aedat")]
    public void A_recording_has_the_figures_of_its_reference(string file)
    {
        var expected = JsonDocument.Parse(File.ReadAllText(RepositoryRoot.Shared(
            "data", "dvs128-objects", "reference.json"))).RootElement.GetProperty(file);
        foreach (var axes in (string[])["upright", "cifar10dvs"])
        {
            var (code, output, error) = Cli.Run("data", "inspect", RepositoryRoot.Shared("data", "dvs128-objects", file), "--axes", axes,
                "--json");
            Assert.True(code == 0, error);
            Assert.True(JsonElement.DeepEquals(expected.GetProperty(axes), JsonDocument.Parse(output).RootElement), output);
        }
    }

    [Fact]
    public void Simulated_recordings_are_counted_trained_on_and_predicted()
    {
        var recordings = Path.Combine(_folder.Path, "moving");
        Assert.Equal(0, Cli.Run("data", "simulate", recordings, "--count", "20", "--size", "16").Code);
        Assert.Contains("is not an empty folder", Cli.Run("data", "simulate", recordings).Error, StringComparison.Ordinal);
        var counted = JsonDocument.Parse(Cli.Run("data", "inspect", recordings, "--json").Output).RootElement;
        Assert.Equal("format count classes sizes faults parts passedOver duplicates warnings seconds events",
            Cli.Fields(counted.GetRawText()));
        Assert.Equal((20, 10, "events"), (counted.GetProperty("count").GetInt32(),
            counted.GetProperty("classes").EnumerateObject().Count(), counted.GetProperty("format").GetString()));
        Assert.Equal(20, counted.GetProperty("sizes").EnumerateObject().Sum(size => size.Value.GetInt32()));
        Assert.True(counted.GetProperty("seconds").GetProperty("least").GetDouble() > 0);
        Assert.Equal(0, counted.GetProperty("faults").GetArrayLength());

        var lists = Path.Combine(_folder.Path, "lists");
        var prepared = Cli.Run("data", "prepare", recordings, "--output", lists, "--test-fraction", "0.5");
        Assert.True(prepared.Code == 0, prepared.Error);
        string[][] parts = [File.ReadAllLines(Path.Combine(lists, "train.csv"))[1..],
            File.ReadAllLines(Path.Combine(lists, "test.csv"))[1..]];
        Assert.Equal((10, 10, 20), (parts[0].Length, parts[1].Length, parts[0].Concat(parts[1]).Distinct().Count()));
        Assert.All(parts, part => Assert.Equal(10, part.Select(line => line.Split(',')[1]).Distinct().Count()));

        var cache = Path.Combine(_folder.Path, "cache");
        var cached = Cli.Run("data", "cache", "--data", Path.Combine(lists, "train.csv"), "--sensor", "16x16", "--cache", cache, "--set",
            "Height=16", "--set", "Width=16", "--set", "TimeSteps=2");
        Assert.True(cached.Code == 0, cached.Error);
        Assert.StartsWith("10 recordings, 0 unreadable; ", cached.Output, StringComparison.Ordinal);
        var kept = Directory.GetFiles(cache, "*", SearchOption.AllDirectories).Length;

        var model = Path.Combine(_folder.Path, "m.zip");
        var trained = Cli.Run("train", "--data", Path.Combine(lists, "train.csv"), "--test", Path.Combine(lists, "test.csv"), "--cache",
            cache, "--sensor", "16x16", "--epochs", "1", "--validation-fraction", "0", "--output", model, "--device", "cpu",
            "--set", "Height=16", "--set", "Width=16", "--set", "TimeSteps=2", "--set", "EmbedDim=32");
        Assert.True(trained.Code == 0, trained.Error);
        // The test recordings came to those of training, which were not decoded anew.
        Assert.Equal(kept + 10, Directory.GetFiles(cache, "*", SearchOption.AllDirectories).Length);
        var file = Directory.GetFiles(recordings, "*.bin", SearchOption.AllDirectories)[0];
        var (code, output, error) = Cli.Run("predict", "--model", model, file, "--top", "3", "--json");
        Assert.True(code == 0, error);
        var top = JsonDocument.Parse(output).RootElement.GetProperty("top");
        Assert.Equal(3, top.GetArrayLength());
        Assert.Equal(("file label probability top", "label probability"), (Cli.Fields(output), Cli.Fields(top[0].GetRawText())));
        var notes = _folder.Write("notes.png", [0x89, 0x50, 0x4E, 0x47]);
        var refusal = Cli.Run("predict", "--model", model, notes).Error;
        Assert.StartsWith($"error: {notes}: ", refusal, StringComparison.Ordinal);
        foreach (var verb in (string[])["evaluate", "analyze"])
        {
            var refused = Cli.Run(verb, "--model", model, "--data", "shapes:20");
            Assert.Equal(2, refused.Code);
            Assert.Contains("shapes:20 holds images, but the model takes event recordings", refused.Error, StringComparison.Ordinal);
        }
        var facts = JsonDocument.Parse(Cli.Run("info", model, "--json").Output).RootElement;
        Assert.Equal((2, 10, "2 x 16 x 16"), (facts.GetProperty("timeSteps").GetInt32(), facts.GetProperty("classes").GetInt32(),
            facts.GetProperty("input").GetString()));
        Assert.Contains("10 samples, 1 epoch,", facts.GetProperty("training").GetString(), StringComparison.Ordinal);
        var page = Path.Combine(_folder.Path, "spikes.html");
        Assert.Equal(0, Cli.Run("analyze", "--model", model, "--data", Path.Combine(lists, "test.csv"), "--sensor", "16x16", "--report",
            page).Code);
        Assert.Contains("Energy", File.ReadAllText(page), StringComparison.OrdinalIgnoreCase);
        Assert.True(top[0].GetProperty("probability").GetDouble() >= top[1].GetProperty("probability").GetDouble());
    }

    [Fact]
    public void What_cannot_be_read_is_one_line()
    {
        var notes = _folder.Write("notes.aedat", "hello"u8.ToArray());
        var (code, _, error) = Cli.Run("data", "inspect", notes);
        Assert.Equal(1, code);
        Assert.StartsWith($"error: {notes}", error, StringComparison.Ordinal);
        Assert.Equal(1, error.Count(c => c == '\n'));
        Assert.Equal("error: --axes Sideways is not understood: expected Upright, Cifar10Dvs, JAer, Raw. See 'msvit data inspect "
            + "--help'.\n", Cli.Run("data", "inspect", notes, "--axes", "Sideways").Error);
        Assert.Equal(2, Cli.Run("data", "inspect", Path.Combine(_folder.Path, "nowhere")).Code);
        Assert.Equal(1, Cli.Run("predict", "--model", notes, Path.Combine(_folder.Path, "nowhere.png")).Code);
        Assert.Equal(1, Cli.Run("predict", "--model", notes, notes).Code);
        Assert.Equal(1, Cli.Run("evaluate", "--model", notes, "--data", "shapes:20").Code);
    }

    [Fact]
    public void A_set_of_images_is_read_through_and_what_cannot_be_read_is_named()
    {
        foreach (var name in (string[])["cats", "dogs"])
        {
            using var bitmap = new SkiaSharp.SKBitmap(name.Length * 5, 7);
            using var png = bitmap.Encode(SkiaSharp.SKEncodedImageFormat.Png, 100);
            _folder.Write(Path.Combine("photos", name, "a.png"), png.ToArray());
            _folder.Write(Path.Combine("photos", name, "b.png"), png.ToArray());
        }
        var broken = _folder.Write(Path.Combine("photos", "dogs", "c.png"), "no image"u8.ToArray());
        var (code, output, _) = Cli.Run("data", "inspect", Path.Combine(_folder.Path, "photos"), "--json");
        Assert.Equal(0, code);
        var counted = JsonDocument.Parse(output).RootElement;
        Assert.Equal((5, 4), (counted.GetProperty("count").GetInt32(), counted.GetProperty("sizes").GetProperty("20 x 7").GetInt32()));
        Assert.Contains(broken, Assert.Single(counted.GetProperty("faults").EnumerateArray()).GetString(), StringComparison.Ordinal);
        Assert.Contains("unreadable 1:", Cli.Run("data", "inspect", Path.Combine(_folder.Path, "photos")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Info_names_the_library_that_was_loaded()
    {
        var facts = JsonDocument.Parse(Cli.Run("info", "--json").Output).RootElement;
        Assert.Equal(Environment.ProcessorCount, facts.GetProperty("cores").GetInt32());
        Assert.True(File.Exists(facts.GetProperty("libtorch").GetString()), facts.GetProperty("libtorch").GetString());
        Assert.Equal(OperatingSystem.IsLinux() ? "yes" : "no: it is used on Linux only.", facts.GetProperty("fusedAdamW").GetString());
    }
}
