using System.IO.Compression;
using System.Xml.Linq;
using MsVit.Tests.Support;

namespace MsVit.Tests.Packaging;

/// <summary>What a user gets with <c>dotnet add package MsVit.MLNet</c>.</summary>
public sealed class LibraryPackageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [SdkFact]
    public void The_library_is_packed_with_its_documentation_symbols_and_license_and_without_build_tools()
    {
        var output = DotnetCommand.Run("pack", "MsVit.MLNet", "--no-build", "-c", DotnetCommand.Configuration, "-o", _folder.Path);
        Assert.DoesNotContain("warning", output, StringComparison.OrdinalIgnoreCase);

        using var package = Open("MsVit.MLNet.*.nupkg");
        Assert.Equal(["README.md", "icon.png", "lib/net10.0/MsVit.MLNet.dll", "lib/net10.0/MsVit.MLNet.xml"], Content(package));
        using var symbols = Open("MsVit.MLNet.*.snupkg");
        Assert.Equal(["lib/net10.0/MsVit.MLNet.pdb"], Content(symbols));

        var metadata = Nuspec(package).Root!.Elements().Single();
        string? Value(string name) => metadata.Elements().SingleOrDefault(element => element.Name.LocalName == name)?.Value;
        Assert.Equal("MIT", Value("license"));
        Assert.Equal("MsVit contributors", Value("authors"));
        Assert.Equal("README.md", Value("readme"));
        Assert.Equal("icon.png", Value("icon"));
        Assert.Contains("spiking-neural-networks", Value("tags"), StringComparison.Ordinal);
        Assert.Null(Value("projectUrl"));
        Assert.Null(metadata.Elements().SingleOrDefault(element => element.Name.LocalName == "repository")?.Attribute("url"));

        var dependencies = metadata.Descendants().Where(element => element.Name.LocalName == "dependency")
            .ToDictionary(element => element.Attribute("id")!.Value, element => element.Attribute("version")!.Value);
        Assert.Equal("[5.0.1, 6.0.0)", dependencies["Microsoft.ML"]);
        Assert.Equal("[5.0.1, 6.0.0)", dependencies["Microsoft.ML.ImageAnalytics"]);
        Assert.Contains("TorchSharp", dependencies.Keys);
        // The application chooses the native torch; Mono.Cecil works at build time alone.
        Assert.DoesNotContain(dependencies.Keys, id => id.StartsWith("libtorch", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(dependencies.Keys, id => id.StartsWith("TorchSharp-", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("Mono.Cecil", dependencies.Keys);
    }

    public void Dispose() => _folder.Dispose();

    private ZipArchive Open(string pattern) => ZipFile.OpenRead(Directory.GetFiles(_folder.Path, pattern).Single());

    private static XDocument Nuspec(ZipArchive package)
    {
        using var nuspec = package.Entries.Single(entry => entry.Name.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return XDocument.Load(nuspec);
    }

    /// <summary>The files that were put into the package, without those that make it a package.</summary>
    private static string[] Content(ZipArchive package) =>
    [
        .. package.Entries.Select(entry => entry.FullName)
            .Where(name => !name.EndsWith(".nuspec", StringComparison.Ordinal) && !name.StartsWith("_rels/", StringComparison.Ordinal)
                && !name.StartsWith("package/", StringComparison.Ordinal) && name != "[Content_Types].xml")
            .Order(StringComparer.Ordinal),
    ];
}
