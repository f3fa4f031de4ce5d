using System.IO.Compression;
using Microsoft.ML;
using MsVit.Tests.Support;

namespace MsVit.Tests.Scoring;

public sealed class ModelArchiveTests : IClassFixture<TrainedDots>, IDisposable
{
    private readonly MLContext _ml = new(seed: 1);
    private readonly TrainedDots _trained;
    private readonly string _folder = Directory.CreateTempSubdirectory("msvit-model-").FullName;
    private readonly string _path;

    public ModelArchiveTests(TrainedDots trained)
    {
        _trained = trained;
        _path = Path.Combine(_folder, "model.zip");
        _ml.Model.Save(trained.Model, trained.Train.Schema, _path);
    }

    [Fact]
    public void A_loaded_model_scores_the_same_to_the_bit()
    {
        var loaded = _ml.Model.Load(_path, out var schema);
        using (loaded as IDisposable)
        {
            Assert.Equal(_trained.Train.Schema.Select(c => c.Name), schema.Select(c => c.Name));
            Assert.Equal(Scores(_trained.Model), Scores(loaded));
        }
    }

    [Fact]
    public void It_is_loaded_onto_the_gpu_that_the_context_names_or_the_processor_and_the_log_says_so()
    {
        Assert.Contains("Device: CPU", Loaded(new MLContext()), StringComparison.Ordinal);
        Assert.Contains("GPU 99 of MLContext.GpuDeviceId is not available",
            Loaded(new MLContext { GpuDeviceId = 99, FallbackToCpu = true }), StringComparison.Ordinal);
        var error = Assert.ThrowsAny<Exception>(() => Loaded(new MLContext { GpuDeviceId = 99, FallbackToCpu = false }));
        Assert.Contains("GPU 99 (MLContext.GpuDeviceId, with FallbackToCpu off) is not available", error.ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fresh_process_that_registered_nothing_scores_the_same_to_the_bit()
    {
        var expected = FreshProcess.Fingerprint(Scores(_trained.Model));
        using var child = FreshProcess.Start(FreshProcess.ScoreVerb, _path);
        var errors = child.StandardError.ReadToEndAsync();
        var output = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        Assert.True(child.ExitCode == 0, await errors);
        Assert.Equal(expected, output.Trim());
    }

    [Fact]
    public void Saving_a_loaded_model_gives_the_same_weights_and_card()
    {
        var again = Path.Combine(_folder, "again.zip");
        var loaded = _ml.Model.Load(_path, out var schema);
        using (loaded as IDisposable)
        {
            _ml.Model.Save(loaded, schema, again);
        }
        foreach (var name in new[] { "Network.safetensors", "Model.json" })
        {
            Assert.Equal(Entry(_path, name), Entry(again, name));
        }
    }

    [Theory]
    [InlineData("Network.safetensors")]
    [InlineData("Model.json")]
    public void A_changed_entry_is_refused_by_name(string name)
    {
        Rewrite(name, bytes => bytes[bytes.Length / 2] ^= 1);
        var error = LoadError();
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Contains("SHA-256", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Network.safetensors")]
    [InlineData("Model.json")]
    public void A_missing_entry_is_refused_by_name(string name)
    {
        using (var zip = ZipFile.Open(_path, ZipArchiveMode.Update))
        {
            zip.Entries.Single(entry => entry.Name == name).Delete();
        }
        var error = LoadError();
        Assert.Contains($"{name}: it is missing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_a_newer_format_is_refused_as_too_new()
    {
        // The header holds, 0x30 bytes in, the model's signature; then the version that wrote it and the version that can read it.
        Rewrite("Model.key", bytes =>
        {
            var signature = bytes.AsSpan().IndexOf("MSVITNET"u8);
            Assert.True(signature > 0);
            bytes[signature + 8] = 9;
            bytes[signature + 12] = 9;
        });
        var error = LoadError();
        Assert.Contains("too new", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_truncated_zip_is_refused_at_every_length()
    {
        var whole = File.ReadAllBytes(_path);
        foreach (var length in new[] { 0, 1, 100, whole.Length / 3, whole.Length / 2, whole.Length - 1 })
        {
            File.WriteAllBytes(_path, whole[..length]);
            LoadError();
        }
    }

    [Fact]
    public void Flipped_bytes_anywhere_are_refused_or_change_nothing()
    {
        var whole = File.ReadAllBytes(_path);
        var expected = Scores(_trained.Model);
        var random = new Random(1);
        var refused = 0;
        for (var i = 0; i < 60; i++)
        {
            var changed = whole.ToArray();
            changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(_path, changed);
            ITransformer loaded;
            try
            {
                loaded = _ml.Model.LoadMsVit(_path, out _);
            }
            catch (InvalidDataException)
            {
                refused++;
                continue;
            }
            using (loaded as IDisposable)
            {
                // ML.NET's own parts of the zip have no sums: another column's name in them is refused once there is data.
                if (Record.Exception(() => Assert.Equal(expected, Scores(loaded))) is { } e)
                {
                    Assert.IsAssignableFrom<ArgumentException>(e);
                    refused++;
                }
            }
        }
        Assert.InRange(refused, 30, 60);
    }

    [Fact]
    public void A_zip_of_something_else_is_refused()
    {
        File.Delete(_path);
        using (var zip = ZipFile.Open(_path, ZipArchiveMode.Create))
        {
            using var writer = new StreamWriter(zip.CreateEntry("readme.txt").Open());
            writer.Write("not a model");
        }
        LoadError();
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.Throws<FileNotFoundException>(() => _ml.Model.LoadMsVit(Path.Combine(_folder, "none.zip"), out _));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // ML.NET's own Load wraps what a part of the model throws; the reason is the innermost. LoadMsVit says it at once.
    private string Loaded(MLContext ml)
    {
        var log = new List<string>();
        ml.Log += (_, e) => log.Add(e.Message);
        using var model = (IDisposable)ml.Model.Load(_path, out _);
        return string.Join('\n', log);
    }

    private InvalidDataException LoadError()
    {
        var wrapped = Assert.ThrowsAny<Exception>(() => _ml.Model.Load(_path, out _)).GetBaseException();
        var error = Assert.Throws<InvalidDataException>(() => _ml.Model.LoadMsVit(_path, out _));
        Assert.StartsWith($"{_path} cannot be loaded as a model", error.Message, StringComparison.Ordinal);
        Assert.Contains(wrapped.Message, error.Message, StringComparison.Ordinal);
        return error;
    }

    private float[][] Scores(ITransformer model) => DotTask.Scores(model.Transform(DotTask.Data(_ml, FreshProcess.Rows)));

    private static byte[] Entry(string path, string name)
    {
        using var zip = ZipFile.OpenRead(path);
        using var stream = zip.Entries.Single(entry => entry.Name == name).Open();
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    // Changes one entry of the network's folder and puts it back, so that the zip itself stays sound.
    private void Rewrite(string name, Action<byte[]> change)
    {
        using var zip = ZipFile.Open(_path, ZipArchiveMode.Update);
        var folder = Path.GetDirectoryName(zip.Entries.Single(entry => entry.Name == "Network.safetensors").FullName);
        var old = zip.Entries.Single(entry => entry.Name == name && Path.GetDirectoryName(entry.FullName) == folder);
        using var memory = new MemoryStream();
        using (var stream = old.Open())
        {
            stream.CopyTo(memory);
        }
        var bytes = memory.ToArray();
        change(bytes);
        var fullName = old.FullName;
        old.Delete();
        using var target = zip.CreateEntry(fullName).Open();
        target.Write(bytes);
    }
}
