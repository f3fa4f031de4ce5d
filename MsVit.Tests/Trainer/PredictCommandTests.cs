using System.Text.Json;
using MsVit.Tests.Support;

namespace MsVit.Tests.Trainer;

public sealed class PredictCommandTests(TrainedPhotos photos, TrainedRecordings recordings)
    : IClassFixture<TrainedPhotos>, IClassFixture<TrainedRecordings>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_that_cannot_be_read_gets_no_label_is_named_with_the_reason_and_stops_no_other(bool skipping)
    {
        var bad = TrainedPhotos.WriteBad(_folder, "bad");
        string[] good = [.. photos.Of("top"), .. photos.Of("middle")];
        // One good file before, and one after every bad one.
        string[] files = [good[0], .. bad.Keys.Zip(good.Skip(1)).SelectMany(pair => new[] { pair.First, pair.Second })];
        var (code, output, error) = Cli.Run(["predict", "--model", skipping ? photos.Skipping : photos.Model, "--json", .. files]);

        Assert.Equal(1, code);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)
            .ToArray();
        Assert.Equal(files, lines.Select(line => line.GetProperty("file").GetString()));
        Assert.All(lines, line =>
        {
            if (bad.TryGetValue(line.GetProperty("file").GetString()!, out var reason))
            {
                Assert.Equal("file label error", Cli.Fields(line.GetRawText()));
                Assert.Equal(JsonValueKind.Null, line.GetProperty("label").ValueKind);
                Assert.Contains(reason, line.GetProperty("error").GetString(), StringComparison.Ordinal);
            }
            else
            {
                Assert.Equal("file label probability top", Cli.Fields(line.GetRawText()));
                Assert.InRange(line.GetProperty("probability").GetDouble(), 0.33, 1);
            }
        });
        var said = error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(bad, pair => Assert.Single(said, line =>
            line.StartsWith($"error: {pair.Key}: ", StringComparison.Ordinal) && line.Contains(pair.Value, StringComparison.Ordinal)));
        Assert.Equal($"error: {bad.Count} of {files.Length} files could not be classified; each is named above.", said[^1]);
        Assert.Equal(bad.Count + 1, said.Length);
    }

    [Fact]
    public void Without_json_standard_output_has_the_classified_files_alone()
    {
        var good = photos.Of("top")[0];
        var (code, output, error) = Cli.Run("predict", "--model", photos.Skipping, _folder.Write("empty.png", []), good);
        Assert.Equal(1, code);
        Assert.StartsWith($"{good}  ", Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", output + error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bad_file_among_more_than_a_batch_changes_nothing_for_the_others()
    {
        string[] good = [.. Enumerable.Range(0, 5).SelectMany(_ => Directory.GetFiles(photos.Photos, "*", SearchOption.AllDirectories))];
        var expected = Cli.Run(["predict", "--model", photos.Model, .. good]);
        Assert.Equal(0, expected.Code);
        var (code, output, _) = Cli.Run(["predict", "--model", photos.Model, .. good[..50], "missing.png", .. good[50..]]);
        Assert.Equal(1, code);
        Assert.Equal(expected.Output, output);
    }

    [LinuxFact("pipes")]
    public async Task Each_line_of_standard_input_is_answered_before_the_next_one_comes()
    {
        var (first, second, missing) = (photos.Of("top")[0], photos.Of("bottom")[0], Path.Combine(_folder.Path, "missing.png"));
        using var process = FreshProcess.StartFed(FreshProcess.CliVerb, "predict", "--model", photos.Model, "-");
        async Task<string?> Answer(string line, StreamReader from)
        {
            await process.StandardInput.WriteLineAsync(line);
            await process.StandardInput.FlushAsync();
            return await from.ReadLineAsync();
        }
        Assert.StartsWith(first, await Answer(first, process.StandardOutput), StringComparison.Ordinal);
        Assert.Equal($"error: {missing}: There is no such file.", await Answer(missing, process.StandardError));
        // As find gives it: a folder before its files, and an empty line.
        await process.StandardInput.WriteLineAsync($"{photos.Photos}\n");
        Assert.StartsWith(second, await Answer(second, process.StandardOutput), StringComparison.Ordinal);
        process.StandardInput.Close();
        Assert.Equal("Passed over, because they are no images: 1 folder.", await process.StandardError.ReadLineAsync());
        Assert.Equal("error: 1 of 3 files could not be classified; each is named above.", await process.StandardError.ReadLineAsync());
        await process.WaitForExitAsync();
        Assert.Equal(1, process.ExitCode);
        Assert.Equal("", await process.StandardOutput.ReadToEndAsync());
    }

    [Fact]
    public void A_folder_gives_all_images_below_it_and_nothing_that_systems_leave_there()
    {
        var image = File.ReadAllBytes(photos.Of("top")[0]);
        string[] wanted = ["b/deep/er/2.JPG", "b/1.jpeg", "a.png", "c d.webp", "b/3.jfif", "b/4"];
        string[] clutter =
        [
            ".hidden.png", ".git/1.png", "__MACOSX/a.png", "b/._1.png", "b/@eaDir/1.png", ".ipynb_checkpoints/a.png", "$RECYCLE.BIN/x.png",
            "lost+found/x.png", "Thumbs.db", "desktop.ini", "System Volume Information/a.png", ".DS_Store",
        ];
        string[] others = ["labels.csv", "b/note.txt", "b/other.txt", "README"];
        foreach (var name in wanted.Concat(clutter))
        {
            _folder.Write(Path.Combine("set", name), image);
        }
        foreach (var name in others)
        {
            _folder.Write(Path.Combine("set", name), "path,label\n"u8.ToArray());
        }
        if (!OperatingSystem.IsWindows())
        {
            Directory.CreateSymbolicLink(Path.Combine(_folder.Path, "set", "loop"), Path.Combine(_folder.Path, "set"));
        }
        var root = Path.Combine(_folder.Path, "set");
        var (code, output, error) = Cli.Run("predict", "--model", photos.Model, "--json", root);

        Assert.True(code == 0, error);
        var files = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => Path.GetRelativePath(root, JsonDocument.Parse(line).RootElement.GetProperty("file").GetString()!)
                .Replace(Path.DirectorySeparatorChar, '/'));
        Assert.Equal(wanted.Order(StringComparer.Ordinal), files.Order(StringComparer.Ordinal));
        Assert.Equal("Passed over, because they are no images: 2 .txt (text), 1 .csv (text), 1 without an ending (text).\n", error);
    }

    [Fact]
    public void A_folder_without_a_single_image_is_said_and_the_others_are_classified()
    {
        _folder.Write("notes/a.txt", "milk"u8.ToArray());
        var notes = Path.Combine(_folder.Path, "notes");
        var (code, output, error) = Cli.Run("predict", "--model", photos.Model, notes, photos.Photos);
        Assert.Equal(1, code);
        Assert.Equal(3 * TrainedPhotos.PerClass, output.Count(c => c == '\n'));
        Assert.Contains($"error: {notes} holds no images, which the model takes.", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Recordings_that_cannot_be_read_are_named_too()
    {
        var good = Directory.GetFiles(recordings.Recordings, "*", SearchOption.AllDirectories);
        var bytes = File.ReadAllBytes(good[0]);
        var bad = new Dictionary<string, string>
        {
            [_folder.Write("empty.aedat", [])] = "empty",
            [_folder.Write("html.aedat", "\u0001<html></html>"u8.ToArray())] = "cannot be recognized",
            [_folder.Write("cut.aedat", bytes[..^3])] = "ends after",
            [_folder.Write("header.aedat", "#!AER-DAT2.0\r\n"u8.ToArray())] = "no events",
            [_folder.Write("photo.aedat", File.ReadAllBytes(photos.Of("top")[0]))] = "It is an image",
            [Path.Combine(_folder.Path, "missing.aedat")] = "There is no such file",
        };
        string[] files = [good[0], .. bad.Keys, .. good[1..]];
        var (code, output, error) = Cli.Run(["predict", "--model", recordings.Model, .. files]);
        Assert.Equal(1, code);
        Assert.Equal(good, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split("  ")[0]));
        var said = error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(bad, pair => Assert.Single(said, line =>
            line.StartsWith($"error: {pair.Key}: ", StringComparison.Ordinal) && line.Contains(pair.Value, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_folder_of_the_other_kind_is_said_in_words()
    {
        var (code, _, error) = Cli.Run("predict", "--model", photos.Model, recordings.Recordings);
        Assert.Equal(1, code);
        Assert.Contains("Passed over, because they are no images: 6 .aedat (recordings).", error, StringComparison.Ordinal);
        Assert.Contains($"{recordings.Recordings} holds no images", error, StringComparison.Ordinal);

        (code, _, error) = Cli.Run("predict", "--model", recordings.Model, photos.Photos);
        Assert.Equal(1, code);
        Assert.Contains($"{photos.Photos} holds no recordings", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recording_given_to_a_model_of_images_is_called_one()
    {
        var file = Directory.GetFiles(recordings.Recordings, "*", SearchOption.AllDirectories)[0];
        var error = Cli.Run("predict", "--model", photos.Model, file).Error;
        Assert.Contains($"error: {file}: It is a recording of an event camera (aedat2).", error, StringComparison.Ordinal);
    }
}
