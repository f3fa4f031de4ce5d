using System.Text;

namespace MsVit.MLNet.Analysis;

/// <summary>A complete page: well-formed XHTML with inline styles, without scripts or external resources.</summary>
internal static class Page
{
    private const string Style = """
        :root{color-scheme:light dark;--bg:#ffffff;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--cell:9,105,218;
          --s0:#0969da;--s1:#bc4c00;--s2:#1a7f37;--s3:#8250df;--s4:#bf3989;--s5:#57606a}
        @media screen and (prefers-color-scheme:dark){
          :root{--bg:#0d1117;--ink:#e6edf3;--soft:#9da7b1;--line:#3d444d;--cell:88,166,255;
            --s0:#58a6ff;--s1:#f0883e;--s2:#56d364;--s3:#bc8cff;--s4:#ff9bce;--s5:#9da7b1}
        }
        body{background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,"Segoe UI","DejaVu Sans",sans-serif;
          max-width:1000px;margin:2rem auto;padding:0 1rem}
        h1{font-size:1.7rem;line-height:1.25;margin:0 0 .5rem;overflow-wrap:anywhere}
        h2{font-size:1.25rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}
        h3{font-size:1rem;margin:1rem 0 .3rem}
        p,caption{color:var(--soft)}
        p{overflow-wrap:break-word}
        code{font:.875rem ui-monospace,"DejaVu Sans Mono",monospace;font-weight:400;color:var(--soft);overflow-wrap:anywhere}
        table{border-collapse:collapse;font-size:.875rem}
        caption{text-align:left;padding:.3rem 0}
        th,td{padding:.2rem .6rem;border-bottom:1px solid var(--line);text-align:left}
        th{vertical-align:bottom}
        td{vertical-align:top}
        th:first-child,td:first-child{padding-left:0}
        th.n,td.n,td.c{text-align:right;font-variant-numeric:tabular-nums}
        td.n{white-space:nowrap}
        td.t{min-width:10rem}
        .wide{overflow-x:auto;margin:.6rem 0}
        :focus-visible{outline:2px solid var(--s0);outline-offset:2px}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1.2rem;margin:.5rem 0}
        dt{color:var(--soft)}
        dd{margin:0;overflow-wrap:anywhere}
        pre{white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid var(--line);padding:.6rem;font-size:.875rem}
        svg{display:block}
        svg text{font-family:system-ui,"Segoe UI","DejaVu Sans",sans-serif!important}
        figure{margin:0}
        .chart{margin:1rem 0}
        .chart figcaption b{margin-right:.6rem}
        .axis{font-size:.875rem;margin:.3rem 0 0}
        .chart svg{max-width:100%;height:auto}
        .chart .small{display:none}
        .key{color:var(--soft);margin-right:.9rem;white-space:nowrap}
        .key i{display:inline-block;width:1.4em;border-top:3px solid var(--c);vertical-align:middle;margin-right:.4em}
        .key .dashed{border-top-style:dashed}
        .key .dot{width:.6em;height:.6em;border:0;border-radius:50%;background:var(--c)}
        .raster div{display:grid;grid-template-columns:3.5rem 1fr;align-items:center;margin-bottom:2px}
        .raster span{font-size:.875rem;color:var(--soft)}
        .raster svg{width:100%;height:1.1rem;background:rgba(var(--cell),.08)}
        .counts svg{display:inline-block;width:.6rem;height:1.1rem;background:rgba(var(--cell),.08);vertical-align:middle;margin-right:.4em}
        .images{display:grid;grid-template-columns:repeat(auto-fill,minmax(128px,1fr));gap:1rem}
        .images figure{font-size:.875rem;overflow-wrap:anywhere}
        .images img{width:128px;height:auto;image-rendering:pixelated;border:1px solid var(--line)}
        @media screen and (max-width:959px){
          .chart .full{display:none}
          .chart .small{display:block;width:100%;max-width:520px}
        }
        @media screen and (max-width:599px){
          body{margin:1rem auto}
          dl{display:block}
          dd{margin-bottom:.4rem}
          .matrix th:first-child{position:sticky;left:0;max-width:40vw;background:var(--bg)}
        }
        @media print{
          :root{color-scheme:light}
          body{max-width:none;margin:0;padding:0;font-size:10pt}
          h2,h3,figcaption{break-after:avoid}
          svg,figure,tr,pre,.raster{break-inside:avoid}
          svg{max-width:100%;height:auto}
          thead{display:table-header-group}
          .wide{overflow:visible}
          table,code,pre{font-size:8pt}
          th,td{padding:.1rem .3rem;overflow-wrap:anywhere}
          *{-webkit-print-color-adjust:exact;print-color-adjust:exact}
        }
        """;

    /// <summary>Writes the page to a temporary file, flushes it and renames it.</summary>
    public static void Write(string path, string title, Html body)
    {
        var head = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>"
            + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>"
            + $"<title>{Html.Encode(title)}</title><style>{Style}</style></head><body><main>\n";
        using var file = new PendingFile(path);
        file.Stream.Write(Encoding.UTF8.GetBytes($"{head}{body}</main></body></html>\n"));
        file.Complete();
    }
}
