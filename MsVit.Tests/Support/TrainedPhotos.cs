using Microsoft.ML;
using MsVit.MLNet;
using MsVit.Tests.Hosting;

namespace MsVit.Tests.Support;

/// <summary>A folder of small images, two models that were trained on it, and files that are no images.</summary>
public sealed class TrainedPhotos : IDisposable
{
    public const int PerClass = 8;

    private static readonly string[] Classes = ["bottom", "middle", "top"];

    private readonly TemporaryFolder _folder = new();

    public TrainedPhotos()
    {
        foreach (var (i, row) in DotTask.Rows(Classes.Length * PerClass).Index())
        {
            _folder.Write($"photos/{row.Label}/{i:00}.png", ServedDots.Image(row).Image);
        }
        Model = Train("strict.zip", UndecodableImagePolicy.Throw);
        Skipping = Train("skipping.zip", UndecodableImagePolicy.Skip);
    }

    /// <summary>The images, in a folder for each class.</summary>
    public string Photos => Path.Combine(_folder.Path, "photos");

    /// <summary>A model for which an image that cannot be read is an error.</summary>
    public string Model { get; }

    /// <summary>A model that skips images that cannot be read.</summary>
    public string Skipping { get; }

    /// <summary>The images of a class.</summary>
    public string[] Of(string label) => [.. Directory.GetFiles(Path.Combine(Photos, label)).Order(StringComparer.Ordinal)];

    public void Dispose() => _folder.Dispose();

    /// <summary>Writes files that cannot be classified; one does not exist, one is a link to nowhere.</summary>
    /// <returns>Each with what is to be said of it.</returns>
    internal static Dictionary<string, string> WriteBad(TemporaryFolder folder, string below)
    {
        var image = ServedDots.Image(DotTask.Rows(1)[0]).Image;
        var bad = new Dictionary<string, string>
        {
            [Bad("empty.png", [])] = "The image is empty (0 bytes)",
            [Bad("html.jpg", "<!DOCTYPE html><html><body>404</body></html>"u8)] = "It is an HTML page",
            [Bad("zeros.png", new byte[5000])] = "It is filled with zeros",
            [Bad("cut.png", image.AsSpan(0, image.Length - 30))] = "cut short",
            [Bad("note.png", "Remember the milk."u8)] = "It is text",
            [Bad("scan.png", "II*\0\b\0\0\0"u8)] = "It is an image of the format TIFF",
            [Bad("phone.jpg", [0, 0, 0, 24, .. "ftypheic"u8, 0, 0, 0, 0])] = "It is an image of the format HEIC",
            [Bad("new.png", [0, 0, 0, 24, .. "ftypavif"u8, 0, 0, 0, 0])] = "It is an image of the format AVIF",
            [Bad("clip.png", "#!AER-DAT2.0\r\n"u8)] = "It is a recording of an event camera",
            [Bad("many.png", [.. "PK\u0003\u0004"u8, 20, 0, 0, 0])] = "It is a zip archive",
            [Bad("pointer.png", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"u8)] = "It is a Git LFS pointer",
            [Bad("noise.png", [0x13, 0x37, 0x00, 0xFE, 0x80])] = "the 5 bytes begin with 133700FE80",
            [Path.Combine(folder.Path, below, "missing.png")] = "There is no such file",
        };
        if (!OperatingSystem.IsWindows())
        {
            // There, making links takes a privilege.
            var link = Path.Combine(folder.Path, below, "link.png");
            File.CreateSymbolicLink(link, "nowhere.png");
            bad[link] = "It is a link to nowhere.png, which does not exist";
        }
        return bad;

        string Bad(string name, ReadOnlySpan<byte> content) => folder.Write(Path.Combine(below, name), content.ToArray());
    }

    private string Train(string name, UndecodableImagePolicy undecodable)
    {
        var ml = new MLContext(seed: 1);
        var data = ml.Data.LoadImageFolder(Photos);
        var model = DotTask.Pipeline(ml, DotTask.Options(options =>
        {
            options.Undecodable = undecodable;
            options.Recipe = DotTask.Recipe with { MaxEpoch = 2 };
        })).Fit(data);
        using var owned = (IDisposable)model;
        var path = Path.Combine(_folder.Path, name);
        ml.Model.Save(model, data.Schema, path);
        return path;
    }
}
